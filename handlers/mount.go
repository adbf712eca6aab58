package handlers

import (
	"context"
	"net"
	"net/http"
	"strings"

	accountpages "locum/handlers/account"
	"locum/handlers/acting"
	"locum/handlers/activity"
	"locum/handlers/api"
	"locum/handlers/company"
	"locum/handlers/consultancy"
	delegationpages "locum/handlers/delegation"
	directorypages "locum/handlers/directory"
	"locum/handlers/forwardauth"
	noticepages "locum/handlers/notice"
	"locum/handlers/oidc"
	"locum/handlers/organization"
	provisioningpages "locum/handlers/provisioning"
	"locum/handlers/saml"
	"locum/handlers/scim"
	"locum/handlers/setup"
	usagepages "locum/handlers/usage"
	vaultpages "locum/handlers/vault"
	"locum/handlers/web"
	"locum/handlers/webhook"
	"locum/models"
	"locum/models/account"
	"locum/models/openid"
	"locum/models/passkey"
)

// mount is the list of every area, and of what each is made of.
func (d Domain) mount(app *web.App, c Config) {
	accountpages.New(accountpages.Config{Entrance: d.Entrance, Sessions: d.Sessions, Accounts: d.Accounts, Members: d.Members, Passkeys: d.Passkeys, Site: passkey.SiteOf(c.PublicURL),
		Discover: d.discover, SignOutAt: d.signOutAt, KnownBy: d.Federation.KnownBy, Awaits: d.Companies.Awaits}).Mount(app)
	acting.New(d.Sessions, d.Delegations, d.Members).Mount(app)
	delegationpages.New(d.Delegations, d.Trail, d.Outbox, d.Sessions).Mount(app)
	noticepages.New(d.Inbox, d.Delegations, d.Accounts).Mount(app)
	consultancy.New(d.Delegations, d.RequestLinks).Mount(app)
	organization.New(organization.Domain{Companies: d.Companies, Members: d.Members, Applications: d.Applications,
		Delegations: d.Delegations, Sessions: d.Sessions, Connectors: d.Connectors, Trail: d.Trail, Clients: d.Clients}).Mount(app)
	company.New(company.Domain{Companies: d.Companies, Delegations: d.Delegations, Sessions: d.Sessions, Connectors: d.Connectors,
		Federation: d.Federation, Directories: d.Directories, Clients: d.Clients, OpenID: d.OpenID, Trail: d.Trail}).Mount(app)
	provisioningpages.New(provisioningpages.Config{Connectors: d.Connectors, Companies: d.Companies, Federation: d.Federation, Directories: d.Directories,
		Describe: saml.ReadProvider, Fetch: c.Fetch, Inspect: saml.Inspector(d.Federation), LookupTXT: net.DefaultResolver.LookupTXT}).Mount(app)
	setup.New(d.Mandates, d.Entrance).Mount(app)
	directorypages.New(d.Directories).Mount(app)
	activity.New(d.Trail, d.Companies, d.Connectors).Mount(app)
	webhook.New(d.Webhooks, d.Feed).Mount(app)
	d.Feed.EachCall(d.Usage.Called)
	vaultpages.New(d.Vault).Mount(app)
	api.New(d.Feed, d.Delegations, api.Domain{Sessions: d.Sessions, Members: d.Members, Links: d.RequestLinks, Applications: d.Applications, Clients: d.Clients, Vault: d.Vault, Usage: d.Usage, Sender: d.application}).Mount(app)
	usagepages.New(d.Usage).Mount(app)
	saml.Mount(app, saml.Config{Federation: d.Federation, Log: c.Log})
	forwardauth.Mount(app, forwardauth.Config{PublicURL: c.PublicURL, Domain: c.ForwardDomain, Clients: d.Clients, Passes: d.Passes, Answer: d.Sessions.Answer, Deny: d.Sessions.Deny, Seen: d.atWork,
		Sign: d.Signing.Sign, Now: c.Now, Log: c.Log})
	oidc.Mount(app, oidc.Config{PublicURL: c.PublicURL, Provider: d.OpenID, Clients: d.Clients, Sessions: d.Sessions, Signing: d.Signing, Now: c.Now, Log: c.Log})
	scim.Mount(app, scim.Config{Directories: d.Directories, Log: c.Log})
}

// atWork notes that somebody uses an application in his session.
func (d Domain) atWork(ctx context.Context, by models.Actor) {
	d.Sessions.Seen(ctx, by)
	d.Clients.Seen(ctx, by.Effective.Company, by.Effective.Organization, by.Application, by.Account)
}

// signOutAt is where somebody signs out at his identity provider too, or "".
func (d Domain) signOutAt(ctx context.Context, by models.Actor) (string, error) {
	connection, relay, err := d.Federation.BeginSignOut(ctx, by)
	if err != nil || relay == "" {
		return "", err
	}
	return "/saml/" + connection + "/sign-out/" + relay, nil
}

// discover finds the connection through which the owner of an address signs
// in, or "".
func (d Domain) discover(ctx context.Context, text string) (string, error) {
	email, ok := account.ParseEmail(text)
	if !ok {
		return "", nil
	}
	realm, found, err := d.Federation.Discover(ctx, email)
	if err != nil || !found {
		return "", err
	}
	return realm.Connection, nil
}

// application is the connected application that sent a request: by its id and secret
// (HTTP Basic, RFC 7617), or by a token that it has for itself (RFC 6750), which one
// that signs with a key can get too.
func (d Domain) application(ctx context.Context, r *http.Request) (string, error) {
	if scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return d.OpenID.ByOwnToken(ctx, strings.TrimSpace(text), openid.WriteUsage)
	}
	id, text, _ := r.BasicAuth()
	row, err := d.Clients.Authenticate(ctx, id, text)
	return row.ApplicationID, err
}
