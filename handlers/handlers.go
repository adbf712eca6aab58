// Package handlers is the composition list: every area of the program and what
// each is made of stand here, on one screen. What a request passes on its way
// to an area stands in handlers/web, App.Handler.
package handlers

import (
	"context"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"locum/handlers/forwardauth"
	"locum/handlers/saml"
	"locum/handlers/web"
	"locum/models"
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
	"locum/models/tenancy"
	"locum/models/webhook"
	"locum/static"
	"locum/views/layout"
)

// Limits are how much and how often people may ask.
type Limits = web.Limits

// Domain is what the pages stand on.
type Domain struct {
	Accounts     *account.Accounts
	Companies    *tenancy.Companies
	Members      *tenancy.Members
	Applications *tenancy.Applications
	Delegations  *delegation.Delegations
	RequestLinks *delegation.RequestLinks
	Sessions     *access.Sessions
	Passkeys     *passkey.Passkeys
	Entrance     *access.Entrance
	Mandates     *mandate.Mandates
	Trail        *event.Trail
	Outbox       *mail.Outbox
	Inbox        *notice.Inbox
	Digests      *notice.Digests // sent by the clock
	Clients      *client.Clients
	Signing      *client.Keys
	OpenID       *openid.Provider
	Passes       *client.Passes
	Connectors   *provisioning.Connectors
	Federation   *federation.Federation
	Directories  *directory.Directories
	Feed         *feed.Feed
	Webhooks     *webhook.Webhooks
}

// Config is how the pages are opened to people.
type Config struct {
	PublicURL      *url.URL
	CookieKeys     [][]byte
	Log            *slog.Logger
	Now            func() time.Time
	TrustedProxies []netip.Prefix
	MetricsFrom    []netip.Prefix
	Ready          func(context.Context) error
	Limits         Limits
	// ForwardDomain is the parent domain that the hub shares with applications
	// behind a proxy; empty where each of their hosts has a cookie of its own.
	ForwardDomain string
	// Fetch reads the metadata of identity providers: see Fetcher.
	Fetch federation.Fetch
}

// Fetcher reads metadata for a hub with this public address. It asks no machine
// of a private network but those that are named.
func Fetcher(public *url.URL, private []netip.Prefix, now func() time.Time) federation.Fetch {
	return saml.NewFetcher(web.OutboundFor(public, private), now).Fetch
}

// New composes the program's pages and protocols.
func New(d Domain, c Config) (*web.App, error) {
	if err := forwardauth.Check(c.PublicURL, c.ForwardDomain); err != nil {
		return nil, err
	}
	app, err := web.New(web.Config{PublicURL: c.PublicURL, CookieKeys: c.CookieKeys, Sessions: d.Sessions, Places: d.places, Underway: d.underway, BreakGlass: d.breakGlass, Bell: d.bell,
		Refuse: d.Sessions.Check, Resume: d.resume, Speak: d.Accounts.SetLanguage, Ready: c.Ready, Log: c.Log, Now: c.Now,
		TrustedProxies: c.TrustedProxies, MetricsFrom: c.MetricsFrom, Limits: c.Limits})
	if err != nil {
		return nil, err
	}
	app.Raw("GET "+static.Prefix, static.Handler(), web.Unlimited)
	d.mount(app, c)
	return app, nil
}

// resume brings who signed in to where he worked last, if he wished that, and
// says so.
func (d Domain) resume(ctx context.Context, token, address string) (said models.Message, found bool, err error) {
	a, found, err := d.Sessions.Resume(ctx, token, address)
	switch {
	case err != nil || !found:
		return said, false, err
	case a.Via:
		return models.Text("acting.entered", "Organization", a.Place.Label(), "Count", a.Told), true, nil
	}
	return models.Text("acting.switched", "Organization", a.Place.Label()), true, nil
}

// underway are the operators who set up the company of a person on its behalf.
func (d Domain) underway(ctx context.Context, by models.Actor) (list []layout.SetUp, err error) {
	rows, err := d.Mandates.Underway(ctx, by)
	for _, m := range rows {
		one := layout.SetUp{Operator: m.Name, Reason: m.Reason, Ends: m.EndsAt.Time}
		if by.May(models.HandOverSetUp) {
			one.Stop = "/company/set-up-links#" + m.ID
		}
		list = append(list, one)
	}
	return list, err
}

// places are the organizations of the switcher.
func (d Domain) places(ctx context.Context, by models.Actor) ([]layout.Place, error) {
	found, err := d.Sessions.Places(ctx, by)
	list := make([]layout.Place, 0, len(found))
	for _, p := range found {
		place := layout.Place{Organization: p.Organization, Name: p.Label(), Hue: p.Hue, Icon: p.Icon, Company: p.CompanyName, Domain: p.Domain, Via: p.Via,
			Current: p.Current, Own: p.Home, Ends: p.Ends, Used: p.Used, Pinned: p.Pinned}
		if p.Organization == "" {
			place.Organization = p.Company
		}
		if p.Upcoming {
			place.Starts = p.Starts
		}
		if len(p.Roles) > 0 && !p.Via {
			place.Sub = p.Roles[0]
		}
		list = append(list, place)
	}
	return list, err
}

// bell is what stands on every page of the person's inbox.
func (d Domain) bell(ctx context.Context, by models.Actor) (layout.Bell, error) {
	b, err := d.Inbox.Bell(ctx, by)
	return layout.Bell{Has: b.Has, Unread: b.Unread, Bounced: b.Bounced}, err
}

// breakGlass are the break-glass sessions in the actor's company. One whose
// right to see them ended meanwhile is told nothing.
func (d Domain) breakGlass(ctx context.Context, by models.Actor) ([]layout.BreakGlass, error) {
	found, err := d.Sessions.BreakGlassNow(ctx, by)
	list := make([]layout.BreakGlass, 0, len(found))
	for _, s := range found {
		list = append(list, layout.BreakGlass{Session: s.SessionID, Name: s.AccountName, Reason: s.Reason, Entered: s.EnteredAt.Time, Ends: s.EndsAt.Time})
	}
	switch models.KindOf(err) {
	case models.Forbidden, models.Unauthenticated, models.Stale:
		return nil, nil
	}
	return list, err
}
