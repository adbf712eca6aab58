package oidc_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"locum/models/client"
)

// node is testdata/relying.mjs: an application that stands on openid-client.
type node struct {
	t     *testing.T
	in    io.Writer
	lines *bufio.Scanner
}

// newNode starts it. Where node or the package is not there the test is skipped and
// says so; with CI=true that is a failure.
func newNode(t *testing.T, kind client.Kind) *node {
	t.Helper()
	missing := func(why string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	program, err := exec.LookPath("node")
	if err != nil {
		missing("node is not installed: nobody signs in through a client that is not of Go")
	}
	packages, err := filepath.Abs("../../static")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, "node_modules", "openid-client")); err != nil {
		missing("the openid-client package is not installed: run npm ci in static/")
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	process := exec.CommandContext(ctx, program, "testdata/relying.mjs", packages, string(kind))
	process.Stderr = t.Output()
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		process.Wait()
		stop()
	})
	n := &node{t, in, bufio.NewScanner(out)}
	n.lines.Buffer(nil, 1<<20)
	return n
}

// hears reads what it says.
func (n *node) hears(into any) {
	n.t.Helper()
	if !n.lines.Scan() {
		n.t.Fatalf("it ended: %v", n.lines.Err())
	}
	if err := json.Unmarshal(n.lines.Bytes(), into); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) tells(line map[string]string) {
	n.t.Helper()
	if err := json.NewEncoder(n.in).Encode(line); err != nil {
		n.t.Fatal(err)
	}
}

// A client that is written in another language signs in, in each of the three ways
// in which a client can show that it is the one.
func TestAClientOfNodeSignsInAndAsks(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.Advance(time.Since(h.Now())) // it has a clock of its own
		h.NewSession("karin")
		h.NewSession("ria")
		for _, kind := range client.Kinds {
			t.Run(string(kind), func(t *testing.T) {
				n := newNode(t, kind)
				var own struct {
					JWKS json.RawMessage `json:"jwks"`
				}
				n.hears(&own)
				draft := client.Draft{Kind: kind, RedirectURIs: callback}
				if kind == client.ByKey {
					draft.JWKS = string(own.JWKS)
				}
				app, secret := h.register("node"+string(kind), draft), ""
				if kind == client.BySecret {
					_, text, err := h.Clients.AddSecret(h.Ctx, h.Actor("karin"), app.ID)
					h.must(err)
					secret = text
				}
				n.tells(map[string]string{"issuer": h.server.URL, "id": app.ID, "secret": secret, "callback": callback})
				var sent struct{ URL string }
				n.hears(&sent)
				back := h.browser(h.Token("ria")).get(sent.URL)
				h.answered(back)
				n.tells(map[string]string{"at": back.location})
				var got struct {
					Claims, Person, Now, After map[string]any
					Refreshed                  bool
					Bye                        string
				}
				n.hears(&got)
				if got.Claims["sub"] != h.ID("ria") || got.Claims["org_id"] != h.Zonneveld.Organization || got.Person["email"] != "ria@zonneveld.example" || !got.Refreshed ||
					!strings.HasPrefix(got.Bye, h.server.URL+"/oauth/logout?") {
					t.Errorf("it learns %+v", got)
				}
				if kind == client.Public {
					return
				}
				if got.Now["active"] != true || got.Now["org_id"] != h.Zonneveld.Organization || got.Now["ctx_epoch"] == nil {
					t.Errorf("introspection says %v", got.Now)
				}
				if got.After["active"] != false || len(got.After) != 1 {
					t.Errorf("once it gave its tokens back: %v", got.After)
				}
			})
		}
	})
}
