"""What a hand does in a real browser that takes more than a click."""


def draw(page, canvas, lines):
    """Draw in the square of 280 units with the mouse: every point is a pointer event of the browser."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for line in lines:
        places = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280) for x, y in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def saved(page, press, path):
    """Press something that saves a file, and keep it; the name that it has."""
    with page.expect_download(timeout=60_000) as waiting:
        press()
    waiting.value.save_as(path)
    return waiting.value.suggested_filename
