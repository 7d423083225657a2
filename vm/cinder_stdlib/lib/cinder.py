"""What programs ask cinder's own machine."""
from _cinder import immortalize_heap, is_immortal
from cinderx import async_cached_property, cached_property
from __static__ import _static_loader as static_loader

__all__ = ["async_cached_property", "cached_property", "immortalize_heap", "is_immortal", "static_loader"]
