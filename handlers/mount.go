package handlers

import (
	"context"

	accountpages "locum/handlers/account"
	"locum/handlers/activity"
	"locum/handlers/saml"
	"locum/handlers/web"
	"locum/models/account"
)

// mount is the list of every area.
func (d Domain) mount(app *web.App, c Config) {
	accountpages.New(accountpages.Config{Entrance: d.Entrance, Sessions: d.Sessions, Accounts: d.Accounts, Members: d.Members, Discover: d.discover}).Mount(app)
	saml.Mount(app, saml.Config{Federation: d.Federation, Log: c.Log})
	activity.New(d.Trail, d.Companies, d.Connectors).Mount(app)
}

// discover finds the connection through which the owner of an address signs in.
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
