"""Headers that tell browsers what a page of ours may do."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request


def nonce() -> str:
    """Returns the nonce of this request, which the page's own inline import map carries."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def content_security_policy(script_nonce: str | None, host: str) -> str:
    """Writes the policy: this origin alone, no inline script or style, no eval but WebAssembly's.

    Args:
        script_nonce: allows one inline script; None allows none.
        host: the request's Host header; some browsers do not count WebSockets as 'self'.
    """
    script = f" 'nonce-{script_nonce}'" if script_nonce else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self'{script} 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            f"connect-src 'self' ws://{host} wss://{host}",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


PERMISSIONS = ", ".join(
    [
        "camera=(self)",
        "fullscreen=(self)",
        # Outputs: the browser asks the person, and pages ask the browser only on a click.
        "midi=(self)",
        "serial=(self)",
        *(f"{name}=()" for name in ("microphone", "geolocation", "payment", "usb")),
    ]
)


def protect(response: Response) -> Response:
    """Adds the headers to a response that does not have its own."""
    headers = response.headers
    is_page = response.mimetype == "text/html"
    headers.setdefault(
        "Content-Security-Policy",
        content_security_policy(nonce() if is_page else None, request.host),
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if is_page or request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "private, no-cache")
    return response


def install(app: Flask) -> None:
    """Adds the headers to every answer of the application."""
    app.after_request(protect)
