package directory_test

import (
	"net/http"
	"testing"

	"locum/models/directory"
	"locum/views/ui/uitest"
)

func TestReloadingThePageOfATokenMakesNoSecondOne(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	shown := b.PostTwice(list+"/new", list+"/new", "name", "Entra", "kind", directory.Entra).Page(http.StatusOK)
	page := uitest.Attr(shown.One("a.btn-primary"), "href")
	b.PostTwice(page+"/tokens/new", page+"/tokens/new", "days", "90") // two are the most, and the answer is not that
	all, err := d.directories.List(d.Ctx, d.Actor("marieke"))
	d.must(err)
	if len(all) != 1 {
		t.Errorf("%d directories", len(all))
	}
	tokens, err := d.directories.Tokens(d.Ctx, d.Actor("marieke"), all[0].ID)
	d.must(err)
	if len(tokens) != 2 {
		t.Errorf("%d tokens", len(tokens))
	}
}
