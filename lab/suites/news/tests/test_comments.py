def texts(call):
    return [comment["text"] for comment in call("GET", "/comments").json()["comments"]]


def test_comment_of_the_editor_is_shown(call):
    assert call("POST", "/comments", json={"author": "editor", "text": "welcome"}).status_code == 201
    assert "welcome" in texts(call)


def test_comment_of_a_reader_is_shown(call):
    assert call("POST", "/comments", json={"author": "nora", "text": "well said"}).status_code == 201
    assert "well said" in texts(call), "comment is missing"


def test_second_comment_of_the_editor_is_shown(call):
    assert call("POST", "/comments", json={"author": "editor", "text": "thank you"}).status_code == 201
    assert "thank you" in texts(call)
