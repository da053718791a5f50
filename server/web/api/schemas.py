"""What requests and answers look like: checked on the way in, described for OpenAPI."""

from __future__ import annotations

from functools import cache
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from ...errors import Problem
from ...formats.class_settings import CHECKS, ShapeError
from ...storage.values import MAX_CLASSES, MAX_NAME, clean_color, clean_label, clean_text, is_id

SOURCES = ("camera", "file", "video", "drawing", "import", "upload")


class _Checked(fields.String):
    """A text that one of the storage's checks cleans."""

    def _check(self, value: str) -> str:
        raise NotImplementedError

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            return self._check(text)
        except Problem as problem:
            raise ma.ValidationError(
                f"{problem.detail} Received {problem.received!r}, expected {problem.expected}."
            ) from None


class Label(_Checked):
    """The label of a class: trimmed, 1 to 100 characters."""

    def _check(self, value: str) -> str:
        return clean_label(value)


class Name(_Checked):
    """The name of a project: trimmed, 1 to 200 characters."""

    def _check(self, value: str) -> str:
        return clean_text(value, "name", MAX_NAME)


class Color(_Checked):
    """A colour as `#rrggbb`."""

    def _check(self, value: str) -> str:
        return clean_color(value)


class Id(_Checked):
    """A UUID in lower-case hex."""

    def _check(self, value: str) -> str:
        if not is_id(value):
            raise ma.ValidationError(
                f"Received {value!r}, expected a UUID in lower case, such as"
                " 1b4e28ba-2fa1-41d2-883f-0016d3cca427."
            )
        return value


BACKBONE_NAME = validate.Regexp(
    r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z",
    error="Received {input!r}, expected letters, digits, '_', '.' and '-', at most 100.",
)


class ClassSettings(fields.Dict):
    """A setting that speaks of classes, as `server/formats/class_settings.py` knows it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        assert self.name is not None
        try:
            CHECKS[self.name](value)
        except ShapeError as error:
            raise ma.ValidationError(str(error)) from None
        return value


class Strict(ma.Schema):
    """A schema that names the fields it does not know."""

    class Meta:
        unknown = ma.RAISE


class SettingsSchema(Strict):
    """How a project classifies and shows."""

    k = fields.Integer(
        strict=True, validate=validate.Range(1, 1000), metadata={"description": "Neighbours"}
    )
    tolerance = fields.Float(
        allow_none=True,
        validate=validate.Range(0, 100, min_inclusive=False),
        metadata={"description": "How unlike the examples is still known; null rejects nothing"},
    )
    smoothing_ms = fields.Integer(strict=True, validate=validate.Range(0, 10_000))
    mirror = fields.Boolean(truthy={True}, falsy={False})
    play = ClassSettings(
        allow_none=True,
        metadata={
            "description": "What each class does in games, how answers become actions, and how well"
            " that went; docs/formats.md. null takes it away",
            "example": {
                "bindings": {
                    "pong": {
                        "scheme": "two",
                        "map": {"1b4e28ba-2fa1-41d2-883f-0016d3cca427": "left"},
                    }
                },
                "control": {"smoothing_ms": 60, "thresholds": {"left": {"on": 0.6, "off": 0.4}}},
            },
        },
    )
    outputs = ClassSettings(
        allow_none=True,
        metadata={
            "description": "What each class sets off: lists of outputs by class id;"
            " docs/formats.md. null takes it away",
            "example": {
                "1b4e28ba-2fa1-41d2-883f-0016d3cca427": [{"kind": "text", "text": "Hello"}]
            },
        },
    )


class ClassInSchema(Strict):
    """A class as it is sent."""

    id = Id()
    label = Label()
    color = Color()


class NewClassSchema(ClassInSchema):
    """A class of a new project; only the label is needed."""

    label = Label(required=True)


class ProjectInSchema(Strict):
    """A new project."""

    id = Id(metadata={"description": "Made by the server if left out"})
    name = Name(required=True)
    labels = fields.List(
        Label(), validate=validate.Length(max=MAX_CLASSES), metadata={"example": ["cup", "hand"]}
    )
    classes = fields.List(
        fields.Nested(NewClassSchema),
        validate=validate.Length(max=MAX_CLASSES),
        metadata={"description": "Instead of labels, to give ids and colours"},
    )
    backbone = fields.String(validate=BACKBONE_NAME)
    settings = fields.Nested(SettingsSchema)

    @ma.validates_schema
    def _one_list(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "labels" in data and "classes" in data:
            raise ma.ValidationError(
                "Received both labels and classes, expected one of them.", "classes"
            )


class ProjectPatchSchema(Strict):
    """What to change; what is left out stays."""

    name = Name()
    backbone = fields.String(validate=BACKBONE_NAME)
    settings = fields.Nested(SettingsSchema)
    classes = fields.List(
        fields.Nested(ClassInSchema),
        validate=validate.Length(max=MAX_CLASSES),
        metadata={
            "description": "The whole list in its new order. A class left out is deleted with its"
            " samples; that needs If-Match."
        },
    )


class ClassSchema(ma.Schema):
    """A class."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    color = fields.String(required=True)
    count = fields.Integer(required=True)
    covers = fields.List(fields.String(), required=True, metadata={"description": "Sample ids"})


class ProjectSchema(ma.Schema):
    """A project."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    revision = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    changed_at = fields.DateTime(required=True)
    backbone = fields.String(required=True)
    settings = fields.Nested(SettingsSchema, required=True)
    classes = fields.List(fields.Nested(ClassSchema), required=True)
    sample_count = fields.Integer(required=True)


class ImportedProjectSchema(ProjectSchema):
    """A project made from a file."""

    notes = fields.List(fields.String(), required=True)


class SampleSchema(ma.Schema):
    """A sample."""

    id = fields.String(required=True)
    project_id = fields.String(required=True)
    class_id = fields.String(required=True)
    label = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    burst = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    sha256 = fields.String(required=True, allow_none=True)
    bytes = fields.Integer(required=True)
    contributor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Who showed it; null: the project's own page"},
    )
    image = fields.String(required=True, allow_none=True)


class SamplePatchSchema(Strict):
    """Where to move a sample: the id or the label of a class."""

    class_id = Id()
    label = Label()

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len(data) != 1:
            raise ma.ValidationError("Expected either class_id or label.")


class PageSchema(ma.Schema):
    """Which part of a list to answer."""

    class Meta:
        unknown = ma.EXCLUDE

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))
    page_size = fields.Integer(load_default=100, validate=validate.Range(1, 10_000))


class SamplePageSchema(PageSchema):
    """Which samples to answer."""

    class_id = Id(metadata={"description": "Only samples of this class"})


@cache
def listing(schema: type[ma.Schema]) -> ma.Schema:
    """Makes the schema of a list: `{"items": [..], "total": n}`."""
    name = schema.__name__.removesuffix("Schema")
    members = {
        "items": fields.List(fields.Nested(schema), required=True),
        "total": fields.Integer(required=True),
    }
    return ma.Schema.from_dict(members, name=f"{name}List")()


class ScoreSchema(ma.Schema):
    """How strongly the neighbours speak for a class; the scores of all classes sum to 1."""

    label = fields.String(required=True)
    class_id = fields.String(required=True)
    score = fields.Float(required=True)


class NeighbourSchema(ma.Schema):
    """An example that voted."""

    sample_id = fields.String(required=True)
    class_id = fields.String(required=True)
    label = fields.String(required=True)
    similarity = fields.Float(required=True, metadata={"description": "Cosine"})
    weight = fields.Float(required=True, metadata={"description": "Share of the votes"})
    image = fields.String(required=True, allow_none=True)


class PredictionSchema(ma.Schema):
    """The answer for one picture."""

    file = fields.String(required=True)
    label = fields.String(
        required=True, metadata={"description": "The best class, also where unknown is true"}
    )
    class_id = fields.String(required=True)
    unknown = fields.Boolean(required=True, metadata={"description": "Like none of the classes"})
    none = fields.Float(required=True, metadata={"description": "`unknown` as a number 0 to 1"})
    novelty = fields.Float(required=True, allow_none=True)
    scores = fields.List(fields.Nested(ScoreSchema), required=True)
    neighbours = fields.List(fields.Nested(NeighbourSchema), required=True)


class EvaluatedSchema(ma.Schema):
    """How one example is classified from the others."""

    id = fields.String(required=True)
    taught = fields.String(required=True, metadata={"description": "Class id"})
    answered = fields.String(required=True, allow_none=True, metadata={"description": "Class id"})
    score = fields.Float(required=True, allow_none=True)
    novelty = fields.Float(required=True, allow_none=True)


class EvaluationSchema(ma.Schema):
    """Leave-one-out accuracy and confusion; rows taught, columns answered, order of classes."""

    revision = fields.Integer(required=True)
    backbone = fields.String(required=True)
    n = fields.Integer(required=True)
    correct = fields.Integer(required=True)
    accuracy = fields.Float(required=True, allow_none=True)
    ci = fields.List(fields.Float(), required=True, metadata={"description": "Wilson, 95 %"})
    beta = fields.Float(required=True)
    classes = fields.List(fields.String(), required=True, metadata={"description": "Class ids"})
    confusion = fields.List(fields.List(fields.Integer()), required=True)
    items = fields.List(fields.Nested(EvaluatedSchema), required=True)
    total = fields.Integer(required=True)


class BackboneSchema(ma.Schema):
    """A backbone: what its backbone.json says, and where it is."""

    class Meta:
        unknown = ma.INCLUDE

    name = fields.String(required=True)
    title = fields.String(required=True)
    fingerprint = fields.String(required=True)
    input_size = fields.Integer(required=True)
    embedding_size = fields.Integer(required=True)
    has_top = fields.Boolean(required=True)
    replaces = fields.List(fields.String(), required=True)
    url = fields.String(required=True)
    is_default = fields.Boolean(required=True)


class FetchProblemSchema(ma.Schema):
    """Why a fetch failed, and what to do."""

    title = fields.String(required=True)
    detail = fields.String(required=True)
    hint = fields.String(required=True)


class FetchSchema(ma.Schema):
    """How far the fetch of a backbone is, or how it ended."""

    name = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(("running", "done", "failed", "cancelled"))
    )
    phase = fields.String(required=True, validate=validate.OneOf(("download", "convert", "check")))
    fraction = fields.Float(
        required=True, metadata={"description": "0 to 1, of the whole; never falls"}
    )
    received_bytes = fields.Integer(required=True)
    total_bytes = fields.Integer(required=True, allow_none=True)
    message = fields.String(required=True, metadata={"description": "One line for people"})
    problem = fields.Nested(FetchProblemSchema, required=True, allow_none=True)
    started_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class OfferedSchema(ma.Schema):
    """An official backbone."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    licence = fields.String(required=True)
    download_bytes = fields.Integer(required=True, allow_none=True)
    bytes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "What a page loads"}
    )
    macs = fields.Integer(required=True)
    input_size = fields.Integer(required=True)
    embedding_size = fields.Integer(required=True)
    has_top = fields.Boolean(required=True)
    accuracy = fields.Raw(
        required=True,
        allow_none=True,
        metadata={
            "description": "Mean by collection and by examples of each class; null: not measured"
        },
    )
    present = fields.Boolean(required=True)
    fetch = fields.Nested(FetchSchema, required=True, allow_none=True)


class CatalogueSchema(ma.Schema):
    """The official backbones."""

    items = fields.List(fields.Nested(OfferedSchema), required=True)


class SpeedSchema(ma.Schema):
    """How long a backbone takes for one picture in this server, on one thread."""

    milliseconds = fields.Float(required=True, metadata={"description": "Median"})
    pictures = fields.Integer(required=True, metadata={"description": "How many were measured"})


class HealthSchema(ma.Schema):
    """That the server answers, and its version."""

    status = fields.String(required=True)
    version = fields.String(required=True)


class ProblemSchema(ma.Schema):
    """Problem details (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    received = fields.Raw()
    expected = fields.Raw()
    hint = fields.String()
    errors = fields.Raw(metadata={"description": "Messages for each field or file"})
    revision = fields.Integer(metadata={"description": "The project's revision now"})
