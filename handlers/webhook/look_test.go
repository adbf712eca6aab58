package webhook_test

import (
	"net/http"
	"testing"
)

func TestEndpointsOfOneHostAreToldApart(t *testing.T) {
	d := newDesk(t)
	b := d.As("marieke")
	for _, at := range []string{"https://hooks.example/stock?of=nl", "https://hooks.example/tills", "https://plain.example/"} {
		b.Post(list+"/new", "url", at).Wants(http.StatusOK)
	}
	b.Get(list).Says("hooks.example /stock?of=nl", "hooks.example /tills")
	b.Get(list).Hides("plain.example/", ">/<")
	b.Get(list + "/new").Says("with http:// on this machine")
}
