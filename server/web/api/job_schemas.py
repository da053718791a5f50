"""What requests and answers about jobs and trained classifiers look like."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from ...storage.job_rows import STATES
from .schemas import Id, Name, PageSchema, Strict

KINDS = ("training", "all", "export", "import")
#: The recipe that stands for all that fit.
ALL = "all"


class OptionSchema(ma.Schema):
    """What can be chosen for a training."""

    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("int", "float", "choice", "bool")))
    default = fields.Raw(required=True, allow_none=True)
    help = fields.String(required=True)
    low = fields.Float(required=True, allow_none=True)
    high = fields.Float(required=True, allow_none=True)
    choices = fields.List(fields.String(), required=True)


class RecipeSchema(ma.Schema):
    """A way to train."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    wants = fields.String(required=True, validate=validate.OneOf(("vectors", "pictures")))
    needs_tensorflow = fields.Boolean(required=True)
    is_regression = fields.Boolean(required=True)
    options = fields.List(fields.Nested(OptionSchema), required=True)


class TrainingInSchema(Strict):
    """A training to begin."""

    recipe = fields.String(
        required=True, metadata={"description": "A recipe's name, or `all`", "example": "head"}
    )
    options = fields.Dict(
        keys=fields.String(), metadata={"description": "Option to value; the rest is as usual"}
    )
    name = Name(metadata={"description": "Of the classifier; the project's if left out"})


class JobProblemSchema(ma.Schema):
    """Why a job failed, and what to do."""

    title = fields.String(required=True)
    detail = fields.String(required=True)
    hint = fields.String(required=True)


class PlainJobSchema(ma.Schema):
    """A job, how far it is or how it ended."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    project_id = fields.String(required=True, allow_none=True)
    parent_id = fields.String(required=True, allow_none=True)
    recipe = fields.String(required=True, allow_none=True)
    options = fields.Dict(required=True)
    format = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    phase = fields.String(required=True, allow_none=True)
    fraction = fields.Float(
        required=True, metadata={"description": "0 to 1, of the whole; never falls in one try"}
    )
    seconds_left = fields.Float(required=True, allow_none=True)
    attempt = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    started_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    problem = fields.Nested(JobProblemSchema, required=True, allow_none=True)
    classifier_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What it made; of an export, what it is made of"},
    )
    accuracy = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)
    sequence = fields.Integer(required=True, metadata={"description": "Of its newest event"})


class ChildJobSchema(PlainJobSchema):
    """One recipe of a job of several."""

    children = fields.List(fields.Raw(), required=True)


class JobSchema(PlainJobSchema):
    """A job; one of the kind `all` has a child for each recipe."""

    children = fields.List(fields.Nested(ChildJobSchema), required=True)


class EventSchema(ma.Schema):
    """Something that a job has told."""

    class Meta:
        unknown = ma.INCLUDE

    job_id = fields.String(required=True)
    sequence = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("log", "metrics", "state")))
    level = fields.String(validate=validate.OneOf(("info", "warning")))
    text = fields.String()
    epoch = fields.Integer()
    epochs = fields.Integer()
    loss = fields.Float()
    accuracy = fields.Float()
    val_loss = fields.Float()
    val_accuracy = fields.Float()
    state = fields.String(validate=validate.OneOf(STATES))


class JobQuery(PageSchema):
    """Which jobs."""

    project_id = Id()
    state = fields.String(
        metadata={"description": f"One or several of {', '.join(STATES)}, with commas between"}
    )
    kind = fields.String(validate=validate.OneOf(KINDS))


class EventQuery(ma.Schema):
    """Which part of the story."""

    class Meta:
        unknown = ma.EXCLUDE

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=5000, validate=validate.Range(1, 10_000))


class ClassRefSchema(ma.Schema):
    """A class of a classifier."""

    id = fields.String(required=True, allow_none=True)
    label = fields.String(required=True)
    color = fields.String(required=True, allow_none=True)


class BackboneRefSchema(ma.Schema):
    """The backbone whose vectors a classifier needs."""

    name = fields.String(required=True)
    fingerprint = fields.String(required=True)
    embedding_size = fields.Integer(required=True)


class PlainClassifierSchema(ma.Schema):
    """A trained classifier without its report."""

    id = fields.String(required=True)
    project_id = fields.String(required=True, allow_none=True)
    job_id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    recipe = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    revision = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the project when trained"}
    )
    bytes = fields.Integer(required=True)
    classes = fields.List(fields.Nested(ClassRefSchema), required=True)
    backbone = fields.Nested(BackboneRefSchema, required=True, allow_none=True)
    model = fields.Dict(required=True, metadata={"description": "`kind` and what belongs to it"})
    temperature = fields.Float(required=True)
    is_regression = fields.Boolean(required=True)
    accuracy = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)
    seconds = fields.Float(required=True, allow_none=True, metadata={"description": "Of fitting"})


class TrainedClassifierSchema(PlainClassifierSchema):
    """A trained classifier; its report is described in docs/evaluation.md."""

    report = fields.Dict(required=True, allow_none=True)


class TrainedScoreSchema(ma.Schema):
    """How probable a class is; of all classes they sum to 1."""

    label = fields.String(required=True)
    class_id = fields.String(required=True, allow_none=True)
    score = fields.Float(required=True)


class TrainedAnswerSchema(ma.Schema):
    """What a classifier answers for one picture."""

    file = fields.String(required=True)
    label = fields.String(required=True, allow_none=True)
    class_id = fields.String(required=True, allow_none=True)
    scores = fields.List(fields.Nested(TrainedScoreSchema), required=True)
    value = fields.Float(
        required=True, allow_none=True, metadata={"description": "Of a regression, else null"}
    )


class ExportFormatSchema(ma.Schema):
    """A format a classifier can be taken away in."""

    format = fields.String(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True)
    extension = fields.String(required=True)
    available = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why not"})
    ready = fields.Boolean(required=True, metadata={"description": "Made and kept already"})


class ExportInSchema(Strict):
    """A format to export in."""

    format = fields.String(required=True, metadata={"example": "tfjs"})


class FormatQuery(ma.Schema):
    """In which format."""

    class Meta:
        unknown = ma.EXCLUDE

    format = fields.String(required=True, metadata={"example": "tfjs"})


class ReportQuery(ma.Schema):
    """For programs or for people."""

    class Meta:
        unknown = ma.EXCLUDE

    format = fields.String(load_default="json", validate=validate.OneOf(("json", "html")))
