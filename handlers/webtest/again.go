package webtest

import (
	"net/http"
	"strings"

	"locum/views/ui/uitest"
)

// PostTwice sends the form of a page, and sends it again as reloading its answer
// does: the second time nothing may be made. It gives the first answer.
func (b *Browser) PostTwice(page, to string, fields ...string) Answer {
	b.hub.t.Helper()
	form := b.Get(page).Page(http.StatusOK).One("form[action=" + to + "]")
	for _, key := range uitest.Inside(form, "input[name=form_key]") {
		fields = append(fields, "form_key", uitest.Attr(key, "value"))
	}
	first := b.Post(to, fields...)
	first.Wants(http.StatusOK)
	again := b.Post(to, fields...)
	again.Wants(http.StatusConflict)
	again.Says("This was shown already")
	if list := uitest.Attr(again.Page(http.StatusConflict).One("a.btn-primary"), "href"); list == "/company" || !strings.HasPrefix(to, list) {
		b.hub.t.Errorf("the form of %s leads to %s, and not to its list", to, list)
	}
	return first
}
