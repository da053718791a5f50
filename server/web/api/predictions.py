"""What a project answers for pictures, how good it is, and its vectors."""

from __future__ import annotations

import json
from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from ..classifiers import Ready, as_number, no_examples
from ..services import services
from .projects import known
from .respond import FILES, answer, multipart, problems
from .schemas import EvaluationSchema, PredictionSchema, listing
from .uploads import each, picture_limits, uploaded

blueprint = Blueprint(
    "predictions", __name__, url_prefix="/api/v1", description="What a project has learned"
)


@blueprint.post("/projects/<project_id>/predict")
@blueprint.response(200, listing(PredictionSchema), headers={"ETag": {}})
@blueprint.doc(requestBody=multipart(["file"], file=FILES))
@problems(404, 408, 409, 413, 415, 422)
def predict(project_id: str) -> Response:
    """Classify pictures; nothing of them is kept."""
    import numpy as np

    from ...learning.embedding import embed
    from ...learning.pictures import decode_square

    ready = services().classifiers.ready(known(project_id))
    if ready.knn is None:
        raise no_examples(ready)
    uploads = uploaded()
    limits = picture_limits()
    squares = each(uploads, lambda data: decode_square(data, limits))
    predictions = ready.knn.predict(embed(ready.backbone, np.stack(squares)))
    items = [
        {"file": upload.name, **_prediction(ready, prediction)}
        for upload, prediction in zip(uploads, predictions, strict=True)
    ]
    return answer({"items": items, "total": len(items)}, revision=ready.revision)


def _prediction(ready: Ready, prediction: Any) -> dict[str, Any]:
    class_id, label = ready.classes[prediction.label]
    labels = dict(ready.classes)
    neighbours = []
    for index, similarity, weight in zip(
        prediction.neighbours, prediction.similarities, prediction.weights, strict=True
    ):
        example = ready.examples[int(index)]
        neighbours.append(
            {
                "sample_id": example.id,
                "class_id": example.class_id,
                "label": labels[example.class_id],
                "similarity": float(similarity),
                "weight": float(weight),
                "image": f"/api/v1/samples/{example.id}/image" if example.sha256 else None,
            }
        )
    return {
        "label": label,
        "class_id": class_id,
        "unknown": bool(prediction.unknown),
        "none": float(prediction.none),
        "novelty": as_number(prediction.novelty),
        "scores": [
            {"label": name, "class_id": identity, "score": float(score)}
            for (identity, name), score in zip(ready.classes, prediction.scores, strict=True)
        ],
        "neighbours": neighbours,
    }


@blueprint.get("/projects/<project_id>/evaluation")
@blueprint.response(200, EvaluationSchema, headers={"ETag": {}})
@problems(404, 409)
def evaluate(project_id: str) -> Response:
    """Classify every example from the others: accuracy and confusion matrix."""
    ready = services().classifiers.ready(known(project_id))
    if ready.knn is None:
        raise no_examples(ready)
    result = ready.knn.evaluate()
    ids = [class_id for class_id, _ in ready.classes]
    items = [
        {
            "id": example.id,
            "taught": example.class_id,
            "answered": ids[answered] if answered >= 0 else None,
            "score": as_number(score),
            "novelty": as_number(novelty),
        }
        for example, answered, score, novelty in zip(
            ready.examples, result.answered.tolist(), result.scores, result.novelty, strict=True
        )
    ]
    body = {
        "revision": ready.revision,
        "backbone": ready.backbone.name,
        "n": result.n,
        "correct": result.correct,
        "accuracy": result.accuracy,
        "ci": list(result.interval),
        "beta": float(ready.knn.beta),
        "classes": ids,
        "confusion": result.confusion.tolist(),
        "items": items,
        "total": len(items),
    }
    return answer(body, revision=ready.revision)


class EmbeddingsQuery(ma.Schema):
    """Which backbone's vectors."""

    class Meta:
        unknown = ma.EXCLUDE

    backbone = fields.String(
        validate=validate.Regexp(
            r"^[0-9a-f]{64}\Z", error="Received {input!r}, expected 64 hexadecimal digits."
        ),
        metadata={"description": "Fingerprint; without it, the project's backbone"},
    )


@blueprint.get("/projects/<project_id>/embeddings")
@blueprint.arguments(EmbeddingsQuery, location="query", as_kwargs=True)
@blueprint.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
)
@problems(404, 409, 422)
def embeddings(project_id: str, backbone: str | None = None) -> Response:
    """Read the examples' vectors as safetensors: `vectors` float32 [n, D], metadata `ids`."""
    from safetensors.numpy import save

    classifiers = services().classifiers
    which = classifiers.backbone_of_fingerprint(backbone) if backbone else None
    ready = classifiers.ready(known(project_id), which)
    metadata = {
        "ids": json.dumps([example.id for example in ready.examples]),
        "fingerprint": ready.backbone.fingerprint,
        "backbone": ready.backbone.name,
        "revision": str(ready.revision),
    }
    response = Response(
        save({"vectors": ready.vectors}, metadata), mimetype="application/octet-stream"
    )
    response.set_etag(f"{ready.revision}")
    return response.make_conditional(request)
