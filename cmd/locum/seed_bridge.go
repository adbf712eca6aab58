package main

import (
	"locum/models"
	"locum/models/client"
	"locum/models/store"
	"locum/models/tenancy"
)

// lotte runs the demo's installation.
const lotte = "lotte@hub.example"

// bridgeKey is the application Bridge in the registry.
const bridgeKey = "bridge"

// connectBridge registers the application that signs people in by OpenID Connect.
func (s *seed) connectBridge() {
	s.do("register Bridge", func() error {
		app, err := s.house.Companies.RegisterApplication(s.ctx, s.as(lotte), tenancy.Application{Key: bridgeKey, Name: "Bridge", Icon: "map-pin", Description: "Loads and docks, as they are now"})
		s.apps[bridgeKey] = app
		return err
	})
	for _, r := range []struct{ key, name, description string }{{"viewer", "Viewer", "Sees loads and docks"}, {"dispatcher", "Dispatcher", "Moves loads"}} {
		s.do("register "+r.name, func() error {
			made, err := s.house.Companies.RegisterRole(s.ctx, s.as(lotte), tenancy.Role{Level: models.ApplicationLevel, ApplicationID: s.apps[bridgeKey].ID,
				Key: r.key, Name: r.name, Description: r.description})
			s.roles[bridgeKey+"/"+r.key] = made
			return err
		})
	}
	s.do("connect Bridge", func() error {
		id := s.apps[bridgeKey].ID
		if err := s.house.Clients.Connect(s.ctx, s.as(lotte), id, s.bridgeDraft()); err != nil {
			return err
		}
		_, text, err := s.house.Clients.AddSecret(s.ctx, s.as(lotte), id)
		if err != nil {
			return err
		}
		return s.bridge.Connect(id, text)
	})
}

func (s *seed) bridgeDraft() client.Draft {
	redirect, postLogout, logout := s.bridge.Addresses()
	return client.Draft{Kind: client.BySecret, RedirectURIs: redirect, PostLogoutURIs: postLogout, HomeURI: s.where.Bridge + "/sign-in", LogoutURI: logout}
}

// redirectBridge points a kept demo's registration at the present addresses.
func (s *seed) redirectBridge() {
	s.do("connect Bridge", func() error {
		var app tenancy.Application
		err := s.house.store.SystemRead(s.ctx, "find an application of the demo", func(tx *store.Tx) error {
			return tx.Where("key = ?", bridgeKey).Take(&app).Error
		})
		if store.Missing(err) {
			return nil // the demo was made before there was one
		}
		if err != nil {
			return err
		}
		return s.house.Clients.Connect(s.ctx, s.as(lotte), app.ID, s.bridgeDraft())
	})
}
