package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"locum/models"
)

// readable refuses what is no text: bytes that are not UTF-8, and NUL. Nobody
// types them, and PostgreSQL takes neither, so that further on they would look
// like a fault of ours. An address with them is one that does not exist.
func readable(r *http.Request) error {
	if !isText(r.URL.Path) {
		return models.Unknown()
	}
	for _, values := range []url.Values{r.URL.Query(), r.PostForm} {
		for name, list := range values {
			if !isText(name) || !isText(strings.Join(list, "")) {
				return models.Fail(models.Invalid, keyUnreadable)
			}
		}
	}
	return nil
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
