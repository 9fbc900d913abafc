"""For the soak's control: a middleware that keeps of every request."""

KEPT = []


class Keeping:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        KEPT.append(bytearray(b"x" * 200_000))
        return self.get_response(request)
