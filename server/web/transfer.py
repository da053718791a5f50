"""Projects as files: what is stored as the formats see it, and back."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import Problem
from ..storage import NewSample
from ..storage.assets import NewAsset
from ..storage.values import iso, new_id, parse_time

if TYPE_CHECKING:
    from ..formats.project import AssetData, ProjectData, SampleData
    from ..learning.pictures import Limits
    from ..storage.vectors import TrainingSet
    from .services import Services

#: The formats that are written, by name; `server/formats/registry.py` has them with all else.
WRITTEN = ("showtell", "zip", "knn", "ml5", "tm", "csv", "npz")

#: Most notes about single pictures that an import gives.
_MOST_NOTES = 20

#: Large files in memory: so many imports at the same time.
_imports = threading.BoundedSemaphore(2)


def export(services: Services, project_id: str, name: str, file: BinaryIO) -> tuple[str, str, int]:
    """Writes a project into a file.

    Args:
        services: where the project is.
        project_id: which.
        name: of the format.
        file: open for writing.

    Returns:
        The file name for the download, its media type and the project's revision.

    Raises:
        Problem: no such project or format.
        InputError: the format needs what the project does not have.
    """
    from ..formats.registry import FORMATS, download_name, write_project

    if name not in WRITTEN:
        raise Problem(
            "invalid", "This format is not written here.", received=name, expected=list(WRITTEN)
        )
    found, project = _as_data(services, project_id, FORMATS[name].needs_pictures)
    write_project(name, project, file)
    return download_name(name, found.name), FORMATS[name].mime, found.revision


def _as_data(
    services: Services, project_id: str, pictures_only: bool
) -> tuple[TrainingSet, ProjectData]:
    import numpy as np

    from ..formats.project import ClassData, ProjectData, SampleData

    services.projects.head(project_id)  # tells if there is no such project
    fingerprint, reference = "", None
    if not pictures_only:
        fingerprint, reference = _reference(services, project_id)
    found = services.vectors.training_set(project_id, fingerprint)
    index = {class_id: i for i, (class_id, _, _) in enumerate(found.classes)}
    examples = [
        example
        for example in found.examples
        if example.sha256 is None or services.blobs.has(example.sha256)
    ]
    if pictures_only:
        examples = [example for example in examples if example.sha256]
    samples = [
        SampleData(
            class_index=index[example.class_id],
            read=partial(services.blobs.read, example.sha256) if example.sha256 else None,
            id=example.id,
            burst=example.burst,
            source=example.source,
            created_at=iso(example.created_at),
            name=example.id,
            contributor=example.contributor,
        )
        for example in examples
    ]
    vectors = None
    if reference is not None:
        size = reference.embedding_size
        vectors = np.full((len(examples), size), np.nan, np.float32)
        for row, example in zip(vectors, examples, strict=True):
            if example.vector is not None and len(example.vector) == 4 * size:
                row[:] = np.frombuffer(example.vector, "<f4")
    classes = [ClassData(label, class_id, color) for class_id, label, color in found.classes]
    return found, ProjectData(
        found.name,
        classes,
        samples,
        vectors,
        reference,
        dict(found.settings),
        assets=_assets(services, project_id, found.settings),
    )


def _assets(services: Services, project_id: str, settings: Any) -> list[AssetData]:
    """Lists the pictures and sounds of outputs whose files are there."""
    from ..formats.project import AssetData

    return [
        AssetData(row.id, row.name, row.mime, partial(services.assets.blobs.read, row.sha256))
        for row in services.assets.used_by(project_id, settings)
        if services.assets.blobs.has(row.sha256)
    ]


def _reference(services: Services, project_id: str) -> tuple[str, Any]:
    """Returns whose vectors to write: the project's backbone, else that of vectors it came with."""
    from ..formats.project import BackboneRef

    try:
        backbone = services.classifiers.ready(project_id).backbone  # computes what is missing
        return backbone.fingerprint, BackboneRef(
            backbone.name, backbone.fingerprint, backbone.embedding_size
        )
    except Problem as problem:
        if problem.kind != "backbone-missing":
            raise
    found = services.vectors.training_set(project_id, "")
    made_by = [example.made_by for example in found.examples if example.made_by]
    if not made_by:
        return "", None
    fingerprint = max(sorted(set(made_by)), key=made_by.count)
    sizes = {
        len(example.vector) // 4
        for example in services.vectors.training_set(project_id, fingerprint).examples
        if example.vector
    }
    return fingerprint, BackboneRef(found.backbone, fingerprint, max(sizes))


def import_file(
    services: Services, path: Path, file_name: str, limits: Limits
) -> tuple[dict[str, Any], list[str]]:
    """Makes a project of a file, whole or not at all.

    Args:
        services: where to put it.
        path: the file.
        file_name: what the person calls it.
        limits: on each picture.

    Returns:
        The project, and notes about what was left out.

    Raises:
        InputError: the file cannot be read or is not accepted.
        Problem: nothing here can look at it.
    """
    from ..formats.registry import read_project

    with _imports, read_project(path, file_name) as project:
        return _import(services, project, limits)


def _import(
    services: Services, project: ProjectData, limits: Limits
) -> tuple[dict[str, Any], list[str]]:
    from ..formats.project import decide
    from ..learning.errors import InputError

    decision = decide(project, services.backbones(), services.default_backbone_name())
    if decision.backbone is None:
        raise Problem("backbone-missing", decision.message, hint="See convert_models.py --help.")
    unreadable: list[InputError] = []
    samples = [
        _new_sample(project, i, sample, decision.backbone.fingerprint, limits, unreadable)
        for i, sample in enumerate(project.samples)
    ]
    asset_ids = {asset.id: new_id() for asset in project.assets}
    document = {
        "name": project.name,
        "backbone": decision.backbone.name,
        "settings": _with_assets(_settings(project.settings), asset_ids),
        "classes": [
            {k: v for k, v in vars(entry).items() if v is not None} for entry in project.classes
        ],
    }
    made, _ = services.projects.create_with_samples(document, samples)
    if unreadable and made["sample_count"] == 0:
        services.projects.delete(made["id"])
        raise unreadable[0]
    try:
        for asset in project.assets:  # one at a time in memory
            file = NewAsset(asset.name, asset.mime, asset.read(), asset_ids[asset.id])
            services.assets.add(made["id"], [file])
    except BaseException:
        services.projects.delete(made["id"])
        raise
    notes = [*project.notes, decision.message, *_told(unreadable)]
    return made, [note for note in notes if note]


def _with_assets(settings: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """Lets outputs name the files under their new ids; one whose file did not come is left out."""
    outputs = settings.get("outputs")
    if not isinstance(outputs, dict):
        return settings

    def moved(output: Any) -> Any:
        if not isinstance(output, dict) or "asset" not in output:
            return output
        named = output["asset"]
        return {**output, "asset": ids.get(named) if isinstance(named, str) else None}

    kept = {}
    for class_id, entries in outputs.items():
        if not isinstance(entries, list):
            return settings  # no outputs of ours: for the checks of settings to refuse
        new = [moved(entry) for entry in entries]
        kept[class_id] = [
            o for o in new if not isinstance(o, dict) or o.get("asset", "") is not None
        ]
    return {**settings, "outputs": kept}


def _new_sample(
    project: ProjectData,
    row: int,
    sample: SampleData,
    fingerprint: str,
    limits: Limits,
    unreadable: list[Any],
) -> NewSample:
    from ..learning.errors import InputError
    from ..learning.pictures import as_stored

    def picture() -> bytes | None:
        assert sample.read is not None
        data = sample.read()  # a damaged archive is a reason to refuse it
        try:
            return as_stored(data, limits)[0]
        except InputError as error:  # a damaged picture is not
            error.detail = f"{sample.name}: {error.detail}"
            unreadable.append(error)
            return None

    created_at = None
    if sample.created_at is not None:
        try:
            created_at = parse_time(sample.created_at)
        except Problem:
            created_at = None
    # Vectors of pictures are computed here, not believed: they are shared by all projects that
    # have the same picture.
    vector = None
    if sample.read is None and project.vectors is not None:
        vector = project.vectors[row].astype("<f4").tobytes()
    return NewSample(
        None if sample.read is None else picture,
        label=project.classes[sample.class_index].label,
        id=sample.id,
        created_at=created_at,
        burst=sample.burst,
        source=sample.source,
        contributor=sample.contributor,
        fingerprint=fingerprint if vector is not None else "",
        vector=vector,
    )


def _settings(found: dict[str, Any]) -> dict[str, Any]:
    return {k: int(v) if k == "smoothing_ms" else v for k, v in found.items()}


def _told(unreadable: list[Any]) -> list[str]:
    notes = [f"{error.title}: {error.detail}" for error in unreadable[:_MOST_NOTES]]
    if len(unreadable) > _MOST_NOTES:
        notes.append(f"{len(unreadable) - _MOST_NOTES} more pictures cannot be read.")
    return notes
