"""Pages, the API under /api/v1, Socket.IO events, and what protects them."""
