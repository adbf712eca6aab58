package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"testing"

	"locum/models/modelstest"
)

// TestServeOnAnEmptyDatabase sets an installation up as its first operator
// does, with the address that its log tells.
func TestServeOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			setup := serveEmpty(t, modelstest.URL(t, database))
			where, err := url.Parse(setup)
			if err != nil {
				t.Fatal(err)
			}
			r := &running{Hub: where.Scheme + "://" + where.Host}
			v := r.browser(t)
			v.open(setup)
			v.sees("Set up Locum")
			v.press("Set up")
			v.finds("#errors")
			v.fill("#name", "Lotte van Dijk")
			v.fill("#email", "lotte@hosting.example")
			v.fill("#company", "Hosting Utrecht")
			v.fill("#organization", "Hosting Production")
			v.press("Set up")
			v.sees("Locum is set up. You are its operator.")
			v.open("/platform")
			v.sees("Hosting Utrecht")
			v.open("/company")
			v.sees("Hosting Production")
			v.open("/members")
			v.sees("Lotte van Dijk")
			v.sees("Superuser")
			v.quiet()

			other := r.browser(t)
			other.open(setup)
			other.sees("This set-up address does not work")
			other.quiet()
		})
	}
}

// serveEmpty runs the serve command until the test ends, and gives the set-up
// address of its log.
func serveEmpty(t *testing.T, database string) string {
	t.Helper()
	reader, writer := io.Pipe()
	s := &serve{settings{Listen: "localhost:0", SMTPAddress: "localhost:25", SMTPTLS: "starttls", MailFrom: "Locum <locum@hosting.example>", LogLevel: "info", logTo: writer}}
	s.DatabaseURL, s.Data = database, t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		writer.CloseWithError(s.Run(ctx))
	}()
	t.Cleanup(func() { stop(); <-ended })
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		var line struct{ Setup string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("the log says %s", lines.Text())
		}
		if line.Setup != "" {
			go io.Copy(io.Discard, reader)
			return line.Setup
		}
	}
	t.Fatalf("no set-up address in the log: %v", lines.Err())
	return ""
}
