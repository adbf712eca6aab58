package main

import (
	"time"

	strangers "locum/handlers/demo"
	"locum/handlers/saml"
	"locum/models"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// known signs a persona in as his identity provider would: roles come from the
// connectors.
func (s *seed) known(company, connection string, p strangers.Persona) {
	s.system("sign-in of "+p.Name, func(tx *store.Tx) error {
		known, err := account.ByEmail(tx, p.Email)
		if models.KindOf(err) == models.NotFound {
			known, err = create(tx, p.Name, p.Email, "en")
		}
		if err != nil {
			return err
		}
		reading := provisioning.Reading{Source: provisioning.Source{Kind: provisioning.FromAssertion, Reference: models.NewID("seen"), At: models.At(tx.Now())}}
		for name, values := range p.Attributes {
			reading.Attributes = append(reading.Attributes, provisioning.Received{Name: name, FriendlyName: name, Values: values})
		}
		_, err = s.house.Connectors.SignIn(tx, company, known, connection, provisioning.Mapping{}, reading)
		return err
	})
}

// domain adds a domain, for which the operator vouches.
func (s *seed) domain(by, company, name string) {
	s.do("domain "+name, func() error {
		if _, err := s.house.Federation.AddDomain(s.ctx, s.as(by), name); err != nil {
			return err
		}
		_, err := s.house.Federation.VouchDomain(s.ctx, s.as("lotte@hub.example"), company, name)
		return err
	})
}

// provider reads the identity provider's metadata over the wire.
func (s *seed) provider() (federation.Provider, error) {
	address := s.where.Strangers + "/idp/devries/metadata"
	document, err := metadata(s.ctx, address)
	if err != nil {
		return federation.Provider{}, err
	}
	read, err := saml.ReadProvider(document, s.house.store.Now())
	read.MetadataURL = address
	return read, err
}

func (s *seed) connect(by string) (id string) {
	s.do("single sign-on", func() error {
		provider, err := s.provider()
		if err != nil {
			return err
		}
		made, err := s.house.Federation.Connect(s.ctx, s.as(by), federation.Draft{Name: "De Vries sign-in", Provider: provider})
		id = made.ID
		return err
	})
	return id
}

// reconnect points a kept demo at the strangers' present addresses.
func (s *seed) reconnect() error {
	s.now = time.Now()
	by := s.as("marieke@devries.example")
	s.do("single sign-on", func() error {
		list, err := s.house.Federation.Connections(s.ctx, by)
		if err != nil || len(list) == 0 {
			return err
		}
		provider, err := s.provider()
		if err != nil {
			return err
		}
		_, err = s.house.Federation.Update(s.ctx, by, list[0].ID, federation.Draft{Name: list[0].Name, Provider: provider,
			IdentityAttribute: list[0].IdentityAttribute, Delimiters: list[0].Delimiters})
		return err
	})
	s.redirect(by)
	s.redirectBridge()
	s.do("the applications", func() error {
		reg, err := s.house.Companies.Registry(s.ctx, s.as("lotte@hub.example"))
		s.apps = map[string]tenancy.Application{}
		for _, a := range reg.Applications {
			s.apps[a.Key] = a
		}
		return err
	})
	s.guard()
	s.finish()
	return s.err
}
