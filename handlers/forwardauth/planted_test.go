package forwardauth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/models/client"
	"locum/models/modelstest"
	"locum/models/secret"
)

// Another host of the parent domain can give a browser cookies of the pass's name: it
// gets nobody in, and nobody who signed in is kept out by it.
func TestACookieThatAnotherHostPlantedKeepsNobodyOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		shared := standard
		shared.domain = "example.com"
		h := newHub(t, w, shared)
		const name = "__Secure-locum-forward"
		planted := func(values ...string) http.Header {
			var pairs []string
			for _, v := range values {
				pairs = append(pairs, name+"="+v)
			}
			return http.Header{"Cookie": {strings.Join(pairs, "; ")}} // those of a longer path come first
		}
		b := h.opened(w.Token("ria"), planning)
		ria := map[string]string{"Remote-User": w.ID("ria")}
		var junk []string
		for range client.MostShown - 1 {
			junk = append(junk, secret.Token())
		}
		for what, values := range map[string][]string{"one": {secret.Token()}, "one of another shape": {"x"}, "an empty one": {""}, "as many as count": junk} {
			t.Run(what, func(t *testing.T) { wants(t, b.asked(ask{address: planning, head: planted(values...)}), 200, ria) })
		}
		wants(t, h.as("").asked(ask{address: planning, head: planted(junk...)}), 401, nil)

		// A pass of somebody else's session, which was made before or after.
		other, err := w.Passes.Give(w.Ctx, w.Actor("karin"))
		h.must(err)
		wants(t, h.as("").asked(ask{address: planning, head: planted(other)}), 200, map[string]string{"Remote-User": w.ID("karin")})
		w.Advance(time.Second)
		again := h.as(w.Token("ria"))
		signIn := again.asked(ask{address: planning, head: planted(secret.Token())})
		wants(t, signIn, 401, nil)
		if next := h.onward(again.at("GET", signIn.Header().Get("X-Locum-Sign-In"), nil)); next != planning {
			t.Fatalf("sent to %q", next)
		}
		for _, values := range [][]string{{other}, {secret.Token(), other, secret.Token()}} {
			wants(t, again.asked(ask{address: planning, head: planted(values...)}), 200, ria)
		}
		h.must(w.Sessions.SignOut(w.Ctx, w.Actor("karin")))
		wants(t, again.asked(ask{address: planning, head: planted(other)}), 200, ria)

		// Signing out on the host takes all of them back.
		third, err := w.Passes.Give(w.Ctx, w.Actor("pim"))
		h.must(err)
		again.at("GET", "https://planning.example.com/.locum/sign-out", planted(third))
		wants(t, h.as("").asked(ask{address: planning, head: planted(third)}), 401, nil)
		wants(t, again.asked(ask{address: planning}), 401, nil)
	})
}
