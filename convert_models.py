"""Turn MobileNet weights into a backbone folder that the page and the server look through.

    python convert_models.py mobilenet_v2_0.35_224
    python convert_models.py MobileNetV3Small --alpha 0.75
    python convert_models.py mobilenet_v2_1.00_224 --weights FILE.h5
    python convert_models.py --from-teachable-machine EXPORT.zip
    python convert_models.py my_eyes --weights MY_WHOLE_MODEL.h5
    python convert_models.py --list
    python convert_models.py --official
    python convert_models.py --table

See docs/backbones.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

# tensorflowjs converts Keras 2 models; tf_keras is Keras 2. Before any import of TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from server.conversion.errors import ConversionError
from server.conversion.names import FAMILIES, read_name, renamed
from server.conversion.official import Meter, fetch_all
from server.conversion.quiet import quiet
from server.settings import SettingError, Settings
from tools import find_browser

if TYPE_CHECKING:
    from server.conversion.catalogue import Official
    from server.conversion.pipeline import Request

ROOT = Path(__file__).resolve().parent
TEACHABLE_MACHINE_BACKBONE = "mobilenet_v2_0.35_224"


def parser() -> argparse.ArgumentParser:
    """Return the description of the command line."""
    result = argparse.ArgumentParser(
        prog="convert_models.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("name", nargs="?", metavar="NAME", help="a family (see --list), or a name of your own")
    add("--weights", type=Path, metavar="FILE", help="Keras weights (.h5) or a whole model")
    add("--alpha", type=float, metavar="A", help="width multiplier (default: the name's, or 1.0)")
    add("--size", type=int, metavar="S", help="input size in pixels (default: the name's, or 224)")
    add(
        "--from-teachable-machine",
        type=Path,
        metavar="ZIP",
        help="take MobileNetV2 0.35 out of an exported image model (TensorFlow.js)",
    )
    add(
        "--top",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="with or without the 1,000 ImageNet classes (default: with, if the weights have them)",
    )
    add("--random", action="store_true", help="random weights, for tests")
    add("--seed", type=int, metavar="N", help="of the random weights (default 0)")
    add(
        "--mirror",
        metavar="URL",
        help="ask this address in place of Keras' own (default: SHOWTELL_MIRROR)",
    )
    add(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="default: the first folder of SHOWTELL_MODELS, else models/",
    )
    add("--title", help="what people read in the list of eyes")
    add("--licence", help="of the weights, for a model of your own")
    add("--no-browser", action="store_true", help="leave out the check of TF.js in a browser")
    add("--list", action="store_true", help="show the families, widths and sizes, and stop")
    add(
        "--official",
        nargs="*",
        metavar="NAME",
        help="fetch and convert the official backbones that are not here, or those named; then"
        " show the table",
    )
    add("--table", action="store_true", help="show size, speed and accuracy of all, and stop")
    return result


def family_table() -> str:
    """Return the families with the widths and sizes that Keras publishes."""
    lines = [f"{'NAME':34}{'alpha':34}size"]
    for key, family in FAMILIES.items():
        alphas = " ".join(f"{alpha:g}" for alpha in family.alphas)
        sizes = "any (trained at 224)" if family.any_size else " ".join(map(str, family.sizes))
        lines.append(f"{key:34}{alphas:34}{sizes}")
    return "\n".join(lines)


def models_folders(options: argparse.Namespace, settings: Settings) -> tuple[Path, ...]:
    """Return the folders to look for backbones in; the first is the one to write to."""
    return (settings.models or (ROOT / "models",)) if options.out is None else (options.out,)


def request_of(options: argparse.Namespace, report: Callable[[str], None]) -> Request:
    """Turn the options into a request.

    Args:
        options: of the command line; `out` and `mirror` are set.
        report: is told each step in one line.

    Raises:
        ConversionError: the options contradict each other.
    """
    from server.conversion.pipeline import Request

    export, name = options.from_teachable_machine, options.name
    if export is None and name is None:
        raise ConversionError("Give a NAME, or --from-teachable-machine ZIP; --list shows names.")
    sources = {
        "--weights": options.weights is not None,
        "--from-teachable-machine": export is not None,
        "--random": options.random,
    }
    given = [option for option, is_given in sources.items() if is_given]
    if len(given) > 1:
        raise ConversionError(f"{' and '.join(given)} are two sources of weights. Give one.")
    choice = read_name(name or TEACHABLE_MACHINE_BACKBONE, options.alpha, options.size)
    if export is not None:
        expected = read_name(TEACHABLE_MACHINE_BACKBONE)
        differs = choice.alpha not in (None, expected.alpha) or choice.size not in (None, 224)
        if choice.family not in (None, expected.family) or differs or options.top:
            raise ConversionError(
                "A Teachable Machine export carries MobileNetV2 with alpha 0.35 and size 224, "
                f"without the 1,000 classes; asked was {choice.name}. Leave NAME, --alpha, "
                "--size and --top away, or give a NAME of your own."
            )
        choice = renamed(expected, choice.name)
    if options.random and choice.family is None:
        raise ConversionError(f"--random needs one of Keras' families, not {choice.name}.")
    return Request(
        choice=choice,
        out=options.out,
        weights=options.weights,
        teachable_machine=export,
        top=options.top,
        seed=(options.seed or 0) if options.random else None,
        mirror=options.mirror,
        title=options.title,
        licence=options.licence,
        browser=None if options.no_browser else find_browser.find(),
        vendor=ROOT / "static" / "vendor",
        report=report,
    )


def refuse_beside_official(options: argparse.Namespace) -> None:
    """End with a usage error if anything else says what to convert."""
    given = {
        "NAME before it": options.name,
        "--weights": options.weights,
        "--from-teachable-machine": options.from_teachable_machine,
        "--random": options.random or None,
        "--seed": options.seed,
        "--alpha": options.alpha,
        "--size": options.size,
        "--title": options.title,
        "--licence": options.licence,
    }
    if refused := [option for option, value in given.items() if value is not None]:
        parser().error(
            "--official takes names of official backbones, which say all of it; leave out "
            f"{', '.join(refused)}"
        )


def convert_official(options: argparse.Namespace, folders: tuple[Path, ...]) -> int:
    """Fetch and convert the official backbones that are not here; show the table of all.

    Returns:
        The exit status: 1 if any failed.

    Raises:
        ConversionError: a name is not offered.
    """
    from server.conversion.table import table

    def convert_one(entry: Official, meter: Meter) -> Path:
        from server.conversion.pipeline import Request, convert

        return convert(
            Request(
                choice=entry.choice,
                out=options.out,
                top=entry.top if options.top is None else options.top,
                mirror=options.mirror,
                browser=None if options.no_browser else find_browser.find(),
                vendor=ROOT / "static" / "vendor",
                report=meter.line,
                received=meter.received,
            )
        )

    failed = fetch_all(options.official, folders, convert_one)
    print(f"\n{table(folders)}")
    if failed:
        print(f"\nNot fetched: {', '.join(failed)}. The reasons are above.", file=sys.stderr)
    return 1 if failed else 0


def convert_named(options: argparse.Namespace) -> int:
    """Convert what the options name; return the exit status."""
    watched = sys.stdout.isatty()
    with quiet() as say:
        warnings.simplefilter("ignore")
        from server.conversion.pipeline import convert

        failure = None
        meter = Meter(say, watched)
        try:
            folder = convert(replace(request_of(options, meter.line), received=meter.received))
            meter.line(f"Done: {folder}")
        except ConversionError as error:
            failure = error
    if failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    options = parser().parse_args(arguments)
    if options.list:
        print(family_table())
        return 0
    if options.official is not None:
        refuse_beside_official(options)
    # A closed terminal or a `kill` unwinds like Ctrl-C, so that the half-made folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        settings = Settings.from_environ()
        folders = models_folders(options, settings)
        options.out = folders[0]
        options.mirror = options.mirror or settings.mirror or None
        if options.table:
            from server.conversion.table import table

            print(table(folders))
            return 0
        if options.official is not None:
            return convert_official(options, folders)
        return convert_named(options)
    except KeyboardInterrupt:
        print("Interrupted. Nothing half-made was kept.", file=sys.stderr)
        return 130
    except (ConversionError, SettingError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
