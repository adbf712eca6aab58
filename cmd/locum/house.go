package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"locum/handlers"
	"locum/handlers/jobs"
	"locum/handlers/web"
	"locum/models/access"
	"locum/models/account"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/federation"
	"locum/models/feed"
	"locum/models/mail"
	"locum/models/mandate"
	"locum/models/notice"
	"locum/models/openid"
	"locum/models/passkey"
	"locum/models/provisioning"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/webhook"
	view "locum/views/mail"
)

// house is everything that stands behind the pages: the database, the keys and
// the aggregates of the domain.
type house struct {
	store *store.Store
	keys  *secret.Keys
	log   *slog.Logger
	handlers.Domain
	entrance *access.Entrance
}

// open opens the database and the keys, and builds the domain on them. now is
// the clock; nil for the wall's.
func open(ctx context.Context, databaseURL, keyFile string, log *slog.Logger, now func() time.Time) (*house, error) {
	s, err := store.Open(ctx, store.Config{URL: databaseURL, Derive: access.Derive, Now: now, Log: log})
	if err != nil {
		return nil, unopened{err}
	}
	keys, err := openKeys(ctx, s, keyFile)
	if err != nil {
		s.Close()
		return nil, err
	}
	connectors := provisioning.NewConnectors(s)
	directories := directory.New(s, connectors)
	entrance := access.NewEntrance(s, keys)
	events, err := feed.New(s, keys)
	if err != nil {
		s.Close()
		return nil, err
	}
	hooks, err := webhook.New(s, keys)
	if err != nil {
		s.Close()
		return nil, err
	}
	h := &house{store: s, keys: keys, log: log, entrance: entrance, Domain: handlers.Domain{
		Accounts:     account.NewAccounts(s),
		Companies:    tenancy.NewCompanies(s),
		Members:      tenancy.NewMembers(s),
		Applications: tenancy.NewApplications(s),
		Delegations:  delegation.NewDelegations(s),
		RequestLinks: delegation.NewRequestLinks(s, keys),
		Sessions:     access.NewSessions(s, keys),
		Passkeys:     passkey.New(s),
		Entrance:     entrance,
		Mandates:     mandate.NewMandates(s, keys),
		Trail:        event.NewTrail(s),
		Outbox:       mail.NewOutbox(s),
		Inbox:        notice.NewInbox(s, access.SuperuserOf),
		Digests:      notice.NewDigests(s),
		Clients:      client.NewClients(s),
		Signing:      client.NewKeys(s, keys),
		Passes:       client.NewPasses(s),
		Connectors:   connectors,
		Federation:   federation.New(s, keys, directories.Resolve),
		Directories:  directories,
		Feed:         events,
		Webhooks:     hooks,
	}}
	h.OpenID = openid.New(s, h.Sessions, h.Clients)
	return h, nil
}

// unopened is why a database could not be opened.
type unopened struct{ error }

// openKeys reads the installation's keys, and makes them where the installation
// is new. A lost key file is never made again: what it sealed would be lost.
func openKeys(ctx context.Context, s *store.Store, path string) (*secret.Keys, error) {
	if _, err := os.Stat(path); err == nil {
		return secret.Load(path)
	}
	empty, err := access.Empty(ctx, s)
	if err != nil {
		return nil, err
	}
	if !empty {
		_, err := secret.Load(path)
		return nil, fmt.Errorf("%w, from a backup. The setting is LOCUM_KEY_FILE, for example LOCUM_KEY_FILE=/etc/locum/keys.json", err)
	}
	return secret.Create(path)
}

// serving is how a house is opened to people.
type serving struct {
	public         *url.URL
	smtp           jobs.SMTPConfig
	trusted        []string
	metricsFrom    []string
	allowPrivate   []string
	limits         handlers.Limits
	forwardDomain  string // the parent domain of applications behind a proxy
	listener       net.Listener
	beforeRequests func(context.Context, *web.App) error // runs once everything is ready
}

// serve runs pages, jobs and sweeps until ctx ends.
func (h *house) serve(ctx context.Context, s serving) error {
	cookieKey, err := h.keys.Derive("cookies", 32)
	if err != nil {
		return err
	}
	trusted, err := networks("LOCUM_TRUSTED_PROXIES", s.trusted)
	if err != nil {
		return err
	}
	metrics, err := networks("LOCUM_METRICS_FROM", s.metricsFrom)
	if err != nil {
		return err
	}
	private, err := networks("LOCUM_ALLOW_PRIVATE_ADDRESSES", s.allowPrivate)
	if err != nil {
		return err
	}
	fetch := handlers.Fetcher(s.public, private, h.store.Now)
	app, err := handlers.New(h.Domain, handlers.Config{PublicURL: s.public, CookieKeys: [][]byte{cookieKey}, Log: h.log, Now: h.store.Now,
		TrustedProxies: trusted, MetricsFrom: metrics, Ready: h.store.Ping, Limits: s.limits, Fetch: fetch, ForwardDomain: s.forwardDomain})
	if err != nil {
		return err
	}
	stopJobs, err := h.work(ctx, s, private)
	if err != nil {
		return err
	}
	defer func() {
		patience, done := context.WithTimeout(context.Background(), 20*time.Second)
		defer done()
		if err := stopJobs(patience); err != nil {
			h.log.Warn("jobs did not end in time; they are taken up again at the next start", "error", err)
		}
	}()
	sweeping, stopSweeps := context.WithCancel(ctx)
	swept := make(chan struct{})
	go func() { defer close(swept); h.sweep(sweeping, fetch) }()
	posted := make(chan struct{})
	go func() { defer close(posted); h.post(sweeping, s.public, private) }()
	defer func() { stopSweeps(); <-swept; <-posted }()
	server := app.Server()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(s.listener) }()
	if s.beforeRequests != nil {
		if err := s.beforeRequests(ctx, app); err != nil {
			server.Close()
			return err
		}
	}
	select {
	case err := <-ended:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serving ended: %w", err)
	case <-ctx.Done():
	}
	app.Close() // ends the streams, so that the server can
	patience, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	if err := server.Shutdown(patience); err != nil {
		return server.Close()
	}
	return nil
}

// work starts the queue's workers.
func (h *house) work(ctx context.Context, s serving, private []netip.Prefix) (func(context.Context) error, error) {
	sender, err := jobs.NewSMTP(s.smtp)
	if err != nil {
		return nil, err
	}
	outbound := web.OutboundFor(s.public, private)
	outbound.Time = jobs.PostTime
	return h.store.Work(ctx, jobs.Workers(&jobs.MailWorker{Outbox: h.Outbox, Addresses: h.Accounts, Sender: sender, Links: view.NewLinks(s.public.String()),
		CodeFor:  func(request string) (string, error) { return account.Code(h.keys, request) },
		TokenFor: func(id string) (string, error) { return mandate.Token(h.keys, id) }, Now: h.store.Now, Log: h.log},
		&jobs.EvaluationWorker{CatchUp: h.Connectors.CatchUp},
		&jobs.LogoutWorker{Words: h.OpenID, Sign: h.Signing.Sign, Issuer: strings.TrimSuffix(s.public.String(), "/"), Client: outbound.Client(), Now: h.store.Now, Log: h.log}))
}

// sweep runs what has to be done again and again.
func (h *house) sweep(ctx context.Context, fetch federation.Fetch) {
	clock := jobs.Clock{Exclusive: h.store.Exclusive, Now: h.store.Now, Log: h.log, Sweeps: []jobs.Sweep{
		{Name: "expired delegations", Every: time.Second, Run: h.Delegations.Expire},
		{Name: "proposals that lapsed", Every: 10 * time.Second, Run: h.Delegations.LapseProposals},
		{Name: "grants that ran out", Every: time.Second, Run: h.Companies.EndGrants},
		{Name: "runs of connectors", Every: time.Second, Run: h.Connectors.Advance},
		{Name: "people of directories", Every: time.Second, Run: h.Directories.Advance},
		{Name: "set-ups that ran out", Every: time.Second, Run: h.Mandates.Expire},
		{Name: "events to be posted", Every: time.Second, Run: h.Webhooks.Follow},
		{Name: "mutes that are over", Every: time.Second, Run: h.Delegations.EndMutes},
		{Name: "daily digests", Every: 20 * time.Second, Run: h.Digests.Send},
		{Name: "delegations of which nobody hears", Every: time.Minute, Run: h.Delegations.GuardWatches},
		{Name: "visits left behind", Every: 30 * time.Second, Run: h.Delegations.EndIdle},
		{Name: "delegations that end soon", Every: time.Minute, Run: h.Delegations.Remind},
		{Name: "delegations to be reviewed", Every: time.Minute, Run: h.Delegations.Review},
		{Name: "metadata of identity providers", Every: 10 * time.Minute, Run: func(ctx context.Context) error { return h.Federation.RereadDue(ctx, fetch) }},
		{Name: "certificates that end", Every: time.Hour, Run: h.Federation.WarnOfCertificates},
		{Name: "identity providers that are silent", Every: time.Hour, Run: h.Federation.WarnOfSilence},
		{Name: "directories that need a manager", Every: 20 * time.Second, Run: h.Directories.Warn},
		{Name: "directories that are silent", Every: time.Hour, Run: h.Directories.WarnOfSilence},
		{Name: "applications to be told of sessions that ran out", Every: 20 * time.Second, Run: h.OpenID.EndOver},
		{Name: "signing keys that are old", Every: time.Hour, Run: h.Signing.RotateDue},
		{Name: "old requests of directories", Every: time.Hour, Run: h.Directories.Forget},
		{Name: "spent codes and sign-ins", Every: time.Hour, Run: h.prune},
	}}
	clock.Run(ctx)
}

// post posts events to the addresses that people named.
func (h *house) post(ctx context.Context, public *url.URL, private []netip.Prefix) {
	outbound := web.OutboundFor(public, private)
	outbound.Time = jobs.PostTime
	courier := jobs.Courier{Post: h.Webhooks, Client: outbound.Client(), Now: h.store.Now, Log: h.log}
	courier.Run(ctx)
}

func (h *house) prune(ctx context.Context) error {
	return h.store.System(ctx, "forget spent codes and sign-ins", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return errors.Join(account.Prune(tx), passkey.Prune(tx), federation.Prune(tx), webhook.Prune(tx), notice.Prune(tx), openid.Prune(tx), client.Prune(tx))
	})
}
