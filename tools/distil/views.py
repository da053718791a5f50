"""Batches of views: random crops, mixed and recoloured; each batch follows from seed and number."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageFilter

from .config import Views
from .pictures import Pictures

LARGEST_BLUR = 0.012
"""Standard deviation of the strongest blur, as part of the side."""


class ViewMaker:
    """Makes batches of views.

    Args:
        pictures: to cut from.
        views: how.
        seed: two makers of one seed make the same batches.
    """

    def __init__(self, pictures: Pictures, views: Views, seed: int):
        self._pictures = pictures
        self._views = views
        self._seed = seed

    def batch(self, number: int, count: int, size: int) -> np.ndarray:
        """Make one batch.

        Args:
            number: which one; equal numbers give equal batches.
            count: of views.
            size: side in pixels.

        Returns:
            float32[count, size, size, 3] in -1..1.
        """
        random = np.random.default_rng([self._seed, number])
        pixels = np.empty((count, size, size, 3), np.uint8)
        for i in range(count):
            pixels[i] = self._crop(random, size)
        views = pixels.astype(np.float32)
        self._mix(views, pixels, random)
        self._recolour(views, random)
        np.clip(views, 0, 255, out=views)
        views /= 127.5
        views -= 1
        return views

    def _crop(self, random: np.random.Generator, size: int) -> np.ndarray:
        large, small = self._pictures.large, self._pictures.small
        is_small = bool(small) and (not large or random.random() < self._views.small_share)
        group = small if is_small else large
        picture = group[random.integers(len(group))]
        low, high = self._views.small_scale if is_small else self._views.scale
        view = picture.resize(
            (size, size), Image.Resampling.BILINEAR, box=random_box(random, picture.size, low, high)
        )
        if random.random() < self._views.blur:
            view = view.filter(ImageFilter.GaussianBlur(random.uniform(0, LARGEST_BLUR * size)))
        pixels = np.asarray(view)
        return pixels[:, ::-1] if random.random() < 0.5 else pixels

    def _mix(self, views: np.ndarray, pixels: np.ndarray, random: np.random.Generator) -> None:
        count, size = views.shape[:2]
        for i in range(count):
            draw = random.random()
            other = pixels[random.integers(count)]
            if draw < self._views.cutmix:
                top, bottom = np.sort(random.integers(0, size + 1, 2))
                left, right = np.sort(random.integers(0, size + 1, 2))
                views[i, top:bottom, left:right] = other[top:bottom, left:right]
            elif draw < self._views.cutmix + self._views.mixup:
                part = np.float32(random.random())
                views[i] *= part
                views[i] += (1 - part) * other

    def _recolour(self, views: np.ndarray, random: np.random.Generator) -> None:
        for view in views:
            if random.random() < self._views.colour:
                contrast = random.uniform(0.6, 1.4) * random.uniform(0.85, 1.15, 3)
                brightness = 128 + random.uniform(-40, 40)
                view -= 128
                view *= contrast.astype(np.float32)
                view += np.float32(brightness)


def random_box(
    random: np.random.Generator, size: tuple[int, int], low: float, high: float
) -> tuple[float, float, float, float]:
    """Draw a rectangle of a random part of a picture's area, 3:4 to 4:3 in shape.

    Args:
        random: source of numbers.
        size: width and height of the picture in pixels.
        low, high: smallest and largest part of the area.

    Returns:
        Left, top, right and bottom in pixels, inside the picture.
    """
    width, height = size
    for _ in range(10):
        area = width * height * random.uniform(low, high)
        ratio = np.exp(random.uniform(np.log(3 / 4), np.log(4 / 3)))
        w, h = np.sqrt(area * ratio), np.sqrt(area / ratio)
        if w <= width and h <= height:
            break
    else:
        w = h = min(width, height)
    left, top = random.uniform(0, width - w), random.uniform(0, height - h)
    return float(left), float(top), float(left + w), float(top + h)


def ahead(
    maker: ViewMaker, numbers: range, count: int, size: int, depth: int = 6
) -> Iterator[np.ndarray]:
    """Make batches in other threads, a few ahead of the one that is used.

    Each follows from its number, so that it does not matter which thread is first.

    Args:
        maker: of the batches.
        numbers: which ones, in this order.
        count, size: see `ViewMaker.batch`.
        depth: how many ahead.
    """
    with ThreadPoolExecutor(min(depth, os.cpu_count() or 1)) as pool:
        waiting: list[Future[np.ndarray]] = []
        try:
            for number in numbers:
                waiting.append(pool.submit(maker.batch, number, count, size))
                if len(waiting) > depth:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()
