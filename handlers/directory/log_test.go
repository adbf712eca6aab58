package directory_test

import (
	"testing"

	"locum/models/directory"
)

func TestTheLogSaysThatAGroupWouldHaveBeenEmptied(t *testing.T) {
	d := newDesk(t)
	page, token := d.made("Okta", directory.Okta)
	b := d.As("marieke")
	b.Get(page).Hides("By a set-up link")
	client := d.client(token)
	d.must(d.directories.Log(d.Ctx, client, directory.Exchange{Method: "PATCH", Target: "/scim/v2/Groups/g", Status: 400,
		Detail: "The operation would remove all members without naming them. The directory does not allow that."}))
	for _, at := range []string{"/requests", "/requests/" + client.Request} {
		b.Get(page+at).Says("It would empty a group, which this directory does not allow", "< 1 ms")
		b.Get(page + at).Hides("0 ms")
	}
}
