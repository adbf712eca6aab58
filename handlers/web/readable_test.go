package web

import (
	"net/http"
	"testing"

	"locum/views/layout"
)

func TestWhatIsNoTextReachesNoHandler(t *testing.T) {
	h := newHub(t)
	h.Open("GET /things/{id}", func(*Request) (Response, error) {
		return Page(layout.Plain(layout.Page{Title: "A thing"})), nil
	})
	b := h.as(t, sanne())
	wantStatus(t, b.get("/things/caf%C3%A9?q=%E2%82%AC"), http.StatusOK)
	for _, path := range []string{"/things/%00", "/things/%ff"} {
		wantStatus(t, b.get(path), http.StatusNotFound)
	}
	for _, path := range []string{"/things/a?q=%00", "/things/a?%ff=1"} {
		wantStatus(t, b.get(path), http.StatusUnprocessableEntity)
	}
	for _, name := range []string{"No\x00or", "Noor\xff"} {
		got := b.post("/members", "epoch", "3", "name", name)
		wantStatus(t, got, http.StatusUnprocessableEntity)
		wantText(t, got, "could not be read")
	}
	if len(h.written) != 0 {
		t.Errorf("it wrote %q", h.written)
	}
}
