package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	strangers "locum/handlers/demo"
	"locum/handlers/jobs"
	"locum/handlers/web"
	"locum/models/access"
	"locum/models/account"
	"locum/models/store"
)

type demo struct {
	Listen      string `default:"localhost:8080" help:"Address of the hub; its identity provider, directory, webhook receiver and mailbox take the next port. Port 0 takes any free ones."`
	Data        string `placeholder:"FOLDER" help:"Keep everything here between runs. By default it is gone at the end."`
	DatabaseURL string `name:"database-url" env:"LOCUM_DATABASE_URL" placeholder:"URL" help:"An empty PostgreSQL database to use instead of SQLite."`
	JSON        bool   `help:"Print one JSON object with addresses and accounts, and the log on standard error."`

	out   io.Writer // where it tells; standard output when nil
	clock *clock    // the wall's when nil
}

// Run opens the hub and its strangers on this machine, fills it with invented
// companies, and prints where to begin.
func (d *demo) Run(ctx context.Context) error {
	folder, done, err := d.folder()
	if err != nil {
		return err
	}
	defer done()
	hub, other, err := d.listeners()
	if err != nil {
		return err
	}
	defer hub.Close()
	defer other.Close()
	third, err := after(other, d.Listen)
	if err != nil {
		return err
	}
	defer third.Close()
	smtp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("the demo's mail server cannot be opened: %w", err)
	}
	defer smtp.Close()
	guarded, err := after(third, d.Listen)
	if err != nil {
		return err
	}
	defer guarded.Close()
	where := addresses{Hub: "http://localhost:" + port(hub), Strangers: "http://127.0.0.1:" + port(other), Bridge: "http://127.0.0.1:" + port(third),
		Board: "http://localhost:" + port(guarded)}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	who := strangers.Config{URL: where.Strangers, Hub: where.Hub, Folder: filepath.Join(folder, "strangers"), Tenants: tenants, People: staff, Teams: teams}
	outside, err := strangers.NewStrangers(who)
	if err != nil {
		return fmt.Errorf("the demo's identity provider, directory and mailbox cannot be opened: %w", err)
	}
	bridge, err := strangers.NewBridge(who, where.Bridge)
	if err != nil {
		return fmt.Errorf("the demo's application cannot be opened: %w", err)
	}
	board, err := strangers.NewBoard(where.Board, where.Hub)
	if err != nil {
		return fmt.Errorf("the demo's application behind a proxy cannot be opened: %w", err)
	}
	boarded := make(chan error, 1)
	go func() { boarded <- board.Run(ctx, guarded) }()
	defer func() { cancel(); <-boarded }()
	ended := make(chan error, 2)
	go func() { ended <- outside.Run(ctx, other, smtp) }()
	go func() { ended <- bridge.Serve(ctx, third) }()
	defer func() { cancel(); <-ended; <-ended }()

	now := d.clock
	if now == nil {
		now = &clock{}
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if os.Getenv("LOCUM_LOG_LEVEL") != "" {
		log = settings{LogLevel: os.Getenv("LOCUM_LOG_LEVEL")}.log()
	}
	databaseURL := d.DatabaseURL
	if databaseURL == "" {
		databaseURL = "sqlite:" + filepath.Join(folder, "locum.db")
	}
	house, err := open(ctx, databaseURL, keyFiles{}.in(database{Data: folder}), log, now.Now)
	if err != nil {
		return err
	}
	defer house.store.Close()
	fresh, err := d.fill(ctx, house, now, where, outside, bridge)
	if err != nil {
		return fmt.Errorf("the demo's companies could not be made: %w", err)
	}
	public, err := url.Parse(where.Hub)
	if err != nil {
		return err
	}
	mailServer := smtp.Addr().(*net.TCPAddr)
	return house.serve(ctx, serving{public: public, listener: hub, trusted: []string{"127.0.0.1/32", "::1/128"}, // the board's proxy
		smtp: jobs.SMTPConfig{Host: "127.0.0.1", Port: mailServer.Port, TLS: jobs.NoTLS, From: "Locum <locum@hub.example>"},
		// A person who tries things, and tests that play many of them, come from one address.
		limits: web.Limits{Requests: -1, Anonymous: -1},
		beforeRequests: func(ctx context.Context, app *web.App) error {
			if fresh {
				if err := pushed(ctx, outside.Directory); err != nil {
					return err
				}
			}
			var tokens map[string]string
			if d.JSON {
				if tokens, err = signedIn(ctx, house, app); err != nil {
					return err
				}
			}
			return d.tell(where, smtp.Addr().String(), tokens)
		}})
}

// folder is where the demo keeps its things, and how it is left.
func (d *demo) folder() (string, func(), error) {
	if d.Data != "" {
		if err := os.MkdirAll(d.Data, 0o700); err != nil {
			return "", nil, fmt.Errorf("the folder %s cannot be made: %w. Choose one in which you may write, such as --data=./demo", d.Data, err)
		}
		return d.Data, func() {}, nil
	}
	folder, err := os.MkdirTemp("", "locum-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("a folder for the demo cannot be made: %w", err)
	}
	return folder, func() { os.RemoveAll(folder) }, nil
}

// listeners opens two ports in a row: to a browser the hub and the strangers
// are different sites by their names, as they are in life.
func (d *demo) listeners() (hub, other net.Listener, err error) {
	if hub, err = listen("--listen", d.Listen); err != nil {
		return nil, nil, err
	}
	host, wanted, err := net.SplitHostPort(d.Listen)
	if err == nil && host != "localhost" && host != "127.0.0.1" {
		hub.Close()
		return nil, nil, wrong("--listen", d.Listen, "the demo is for this machine alone: whoever opens it can be anybody", "localhost:8080")
	}
	next := 0
	if wanted != "0" {
		next = hub.Addr().(*net.TCPAddr).Port + 1
	}
	if other, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(next))); err != nil {
		hub.Close()
		return nil, nil, fmt.Errorf("the port after %s, for the identity provider and the mailbox, cannot be served on: %w. Choose another with --listen, or port 0 for any free ones", d.Listen, err)
	}
	return hub, other, nil
}

// after opens the port after one of those, or any free one where those are.
func after(l net.Listener, asked string) (net.Listener, error) {
	next := l.Addr().(*net.TCPAddr).Port + 1
	if _, wanted, err := net.SplitHostPort(asked); err == nil && wanted == "0" {
		next = 0
	}
	opened, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(next)))
	if err != nil {
		return nil, fmt.Errorf("the port %d, for an application of the demo, cannot be served on: %w. Choose another with --listen, or port 0 for any free ones", next, err)
	}
	return opened, nil
}

func port(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// addresses are where the demo can be reached.
type addresses struct {
	Hub, Strangers string
	Bridge         string // the application that signs in by OpenID Connect
	Board          string // the application behind a proxy
}

// fill makes the companies and people, unless an earlier run did, and points
// the single sign-on, the directory and the webhook at where they are now. fresh
// says that they were made.
func (d *demo) fill(ctx context.Context, h *house, clock *clock, where addresses, outside *strangers.Strangers, bridge *strangers.Bridge) (fresh bool, err error) {
	empty, err := access.Empty(ctx, h.store)
	if err != nil {
		return false, err
	}
	s := &seed{ctx: ctx, house: h, clock: clock, where: where, outside: outside, bridge: bridge, tokens: map[string]string{}}
	if empty {
		return true, s.everything()
	}
	return false, s.reconnect()
}

// metadata fetches the identity provider's metadata, over the wire.
func metadata(ctx context.Context, address string) ([]byte, error) {
	ctx, done := context.WithTimeout(ctx, 10*time.Second)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New("the identity provider's metadata: " + answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, 1<<20))
}

// signedIn opens a session for each of the cast, for machines that are to act
// as them without a browser: by address, the cookie to send.
func signedIn(ctx context.Context, h *house, app *web.App) (map[string]string, error) {
	tokens := map[string]string{}
	for _, p := range cast {
		var id string
		err := h.store.SystemRead(ctx, "find a person of the demo", func(tx *store.Tx) error {
			known, err := account.ByEmail(tx, p.email)
			id = known.ID
			return err
		})
		if err != nil {
			return nil, err
		}
		token, err := h.Sessions.Open(ctx, access.Opening{Account: id, Method: "code", UserAgent: "locum demo --json", Address: "127.0.0.1"})
		if err != nil {
			return nil, err
		}
		if tokens[p.email], err = app.CookieFor(token); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// tell prints where to begin: for people, or for a machine.
func (d *demo) tell(where addresses, smtp string, tokens map[string]string) error {
	to := d.out
	if to == nil {
		to = os.Stdout
	}
	if d.JSON {
		type accountOut struct {
			Name   string `json:"name"`
			Email  string `json:"email"`
			SignIn string `json:"sign_in"` // saml or code
			Can    string `json:"can"`
		}
		out := struct {
			Hub              string            `json:"hub"`
			Mailbox          map[string]string `json:"mailbox"`
			IdentityProvider map[string]string `json:"identity_provider"`
			Directory        map[string]string `json:"directory"` // the simulator
			Receiver         map[string]string `json:"receiver"`  // of webhooks
			Bridge           string            `json:"bridge"`    // an application that signs in by OpenID Connect
			Accounts         []accountOut      `json:"accounts"`
			Board            string            `json:"board"`  // the application behind a proxy
			Tokens           map[string]string `json:"tokens"` // by address: the cookie of a session
		}{Hub: where.Hub, Bridge: where.Bridge, Tokens: tokens, Board: where.Board,
			Mailbox: map[string]string{"page": where.Strangers + "/mail", "json": where.Strangers + "/mail.json", "smtp": smtp},
			IdentityProvider: map[string]string{"metadata": where.Strangers + "/idp/devries/metadata",
				"personas": where.Strangers + "/idp/personas.json"},
			Directory: map[string]string{"page": where.Strangers + "/directory", "json": where.Strangers + "/directory.json"},
			Receiver:  map[string]string{"page": where.Strangers + "/receiver", "json": where.Strangers + "/receiver.json", "hook": where.Strangers + "/receiver/hook"}}
		for _, p := range cast {
			out.Accounts = append(out.Accounts, accountOut{p.name, p.email, p.signIn, p.can})
		}
		return json.NewEncoder(to).Encode(out)
	}
	fmt.Fprintf(to, "\nLocum is ready: %s\n", where.Hub)
	fmt.Fprintf(to, "The mailbox, for codes and every mail:  %s/mail\n", where.Strangers)
	fmt.Fprintf(to, "The identity provider of De Vries:      %s/idp\n", where.Strangers)
	fmt.Fprintf(to, "Its directory, for you to administer:   %s/directory\n", where.Strangers)
	fmt.Fprintf(to, "What its webhook receives:              %s/receiver\n", where.Strangers)
	fmt.Fprintf(to, "Bridge, which signs in by Locum:         %s\n", where.Bridge)
	fmt.Fprintf(to, "Stock levels, behind a proxy:           %s\n\nSign in as\n", where.Board)
	for _, p := range cast {
		fmt.Fprintf(to, "  %-36s %s\n", p.email, p.can)
	}
	fmt.Fprint(to, "\nTry\n"+
		"  1. Sign in as marieke@devries.example. You are sent to the identity provider: continue as Marieke.\n"+
		"     In Company settings, Connectors, give Editor of Transport planning to group Planning-Editors in NL.\n"+
		"  2. Sign in as karin@zonneveld.example (the code is in the mailbox). Under Delegations, let\n"+
		"     noor@noorhendriks.example in for a week.\n"+
		"  3. In another browser, open Noor's mail, sign up, accept, and switch to Zonneveld Bakkerijen.\n"+
		"     Look at the banner, and at Karin's mailbox. Then revoke, and watch Noor's page.\n"+
		"  4. In the directory, take somebody out of a group, or remove many at once: watch the roles go,\n"+
		"     the mails, and what the receiver is told.\n"+
		"  5. Open Bridge as sanne@kade.example. Switch in Locum's top bar, and watch Bridge follow by itself.\n\nCtrl+C ends it.\n\n")
	return nil
}
