package provisioning

import (
	"locum/models"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/store"
)

// Resolve lets the connectors decide the roles of a sign-in: it is the
// federation.Resolve of the program.
func (c *Connectors) Resolve(tx *store.Tx, in federation.Said) (refusal *models.Error, err error) {
	person, err := account.Load(tx, in.Account)
	if err != nil {
		return nil, err
	}
	reading := Reading{Source: Source{Kind: FromAssertion, Reference: in.Assertion, At: in.At}}
	for _, a := range in.Attributes {
		reading.Attributes = append(reading.Attributes, Received{Name: a.Name, FriendlyName: a.FriendlyName, Values: a.Values})
	}
	done, err := c.SignIn(tx, in.Company, person, in.Connection, Mapping{Delimiters: in.Delimiters, Known: c.groups(tx, in.Company)}, reading)
	if err != nil || !done.Refused {
		return nil, err
	}
	return models.Fail(models.Forbidden, "federation.error.no_match"), nil
}
