package access

import (
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// tokenPrefix begins the ids of API tokens, which stand in an Actor in the place
// of a session's.
const tokenPrefix = "tok_"

// TokenMethod is how an Actor came in that works by an API token.
const TokenMethod = "token"

// What a token's scopes let it do, by permission: models/feed, which comes after
// this package, names and explains them.
var (
	readByToken = map[string][]models.Permission{
		"delegations.read":   {models.ManageDelegations},
		"delegations.write":  {models.ManageDelegations},
		"visits.read":        {models.ManageDelegations},
		"visits.write":       {models.ManageDelegations},
		"applications.read":  {models.ViewApplications},
		"applications.write": {models.ViewApplications, models.ManageApplications},
		"secrets.read":       {models.ViewSecrets},
		"secrets.use":        {models.ViewSecrets},
		"secrets.write":      {models.ViewSecrets},
		"policies.read":      {models.ManageOrganization},
		"policies.write":     {models.ManageOrganization},
		"consultants.read":   {models.ManagePeople},
		"consultants.write":  {models.ManagePeople},
	}
	writtenByToken = map[string][]models.Permission{
		"delegations.write":  {models.ManageDelegations},
		"visits.write":       {models.ManageDelegations},
		"applications.write": {models.ManageApplications},
		"secrets.use":        {models.UseSecrets},
		"secrets.write":      {models.ManageSecrets},
		"policies.write":     {models.ManageOrganization},
		"consultants.write":  {models.ManagePeople},
	}
)

// bearer is an API token, as far as authority goes.
type bearer struct {
	CompanyID      string
	OrganizationID string
	ID             string
	Scopes         string
	MadeBy         string
	ExpiresAt      models.Instant
	RevokedAt      *models.Instant
}

// TableName is the table of tokens.
func (bearer) TableName() string { return "api_tokens" }

// deriveToken is authority by an API token, in the organization that it was made
// for: what its scopes are for and its maker may do there himself, now. A token
// reaches over no wall: where a session would be locked to be changed, there is
// none.
func deriveToken(tx *store.Tx, id string) (models.Actor, error) {
	q := tx.Where("id = ?", id)
	switch tx.Lock {
	case clause.LockingStrengthUpdate:
		return models.Actor{}, unauthenticated()
	case clause.LockingStrengthShare:
		q = q.Clauses(clause.Locking{Strength: tx.Lock})
	}
	var t bearer
	if err := q.Take(&t).Error; err != nil {
		if store.Missing(err) {
			return models.Actor{}, unauthenticated()
		}
		return models.Actor{}, err
	}
	if t.RevokedAt != nil || !tx.Now().Before(t.ExpiresAt.Time) || t.OrganizationID == "" {
		return models.Actor{}, unauthenticated()
	}
	actor, err := Standing(tx, t.MadeBy, t.CompanyID, t.OrganizationID)
	if err != nil {
		return models.Actor{}, err
	}
	actor.Session, actor.Method, actor.Channel = t.ID, TokenMethod, models.API
	return scoped(tx, actor, t.Scopes)
}

// scoped takes from an actor what scopes, as a JSON list, are not for.
func scoped(tx *store.Tx, actor models.Actor, list string) (models.Actor, error) {
	var scopes []string
	if json.Unmarshal([]byte(list), &scopes) != nil {
		return models.Actor{}, unauthenticated() // an unreadable list is for nothing
	}
	table := readByToken
	if tx.Lock != "" {
		table = writtenByToken
	}
	actor.Permissions = slices.DeleteFunc(slices.Clone(actor.Permissions), func(p models.Permission) bool {
		return !slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(table[s], p) })
	})
	return actor, nil
}

// Standing is who a person is in an organization (or, with an empty id, in its
// company) by his own roles, wherever his browsers are: for what acts in his name
// while he is away. Without a role there, once he is deactivated and while his
// removal waits he is nobody, models.Unauthenticated. It runs in a System
// transaction.
func Standing(tx *store.Tx, person, company, organization string) (models.Actor, error) {
	p, err := standingPerson(tx, person)
	if err != nil {
		return models.Actor{}, err
	}
	grants, err := grantsOf(tx, person)
	if err != nil {
		return models.Actor{}, err
	}
	member := memberOf(grants, company, organization)
	if organization == "" {
		member = holds(grants, company)
	}
	if !member {
		return models.Actor{}, unauthenticated()
	}
	at := account.Session{CompanyID: company, OrganizationID: organization}
	known, err := readParties(tx, likely(p, grants, at, nil)...)
	if err != nil {
		return models.Actor{}, err
	}
	party, open, err := known.party(company, organization)
	if err != nil {
		return models.Actor{}, err
	}
	if !open {
		return models.Actor{}, unauthenticated()
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return models.Actor{}, err
	}
	of := deriving{tx, known, reg, p, grants, at}
	return of.atHome(models.Actor{Account: p.ID, Name: p.Name, Email: p.Email, Language: p.Language, TimeZone: p.TimeZone, Real: party}, at)
}

// standingPerson is a person who is not deactivated.
func standingPerson(tx *store.Tx, id string) (account.Person, error) {
	p, err := account.Load(tx, id)
	if models.KindOf(err) == models.NotFound && err != nil || err == nil && p.DeactivatedAt != nil {
		return account.Person{}, unauthenticated()
	}
	p.Operator = false // the platform is no part of what acts in his name
	return p, err
}

// membership is who a person is by his own roles where a browser of his would
// work, and else at home.
func membership(tx *store.Tx, id string, at account.Session) (models.Actor, error) {
	p, err := standingPerson(tx, id)
	if err != nil {
		return models.Actor{}, err
	}
	grants, err := grantsOf(tx, id)
	if err != nil {
		return models.Actor{}, err
	}
	known, err := readParties(tx, likely(p, grants, at, nil)...)
	if err != nil {
		return models.Actor{}, err
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return models.Actor{}, err
	}
	actor := models.Actor{Account: p.ID, Name: p.Name, Email: p.Email, Language: p.Language, TimeZone: p.TimeZone}
	if actor.Real, err = real(known, p, grants); err != nil {
		return models.Actor{}, err
	}
	of := deriving{tx, known, reg, p, grants, at}
	return of.atHome(actor, at)
}

// byToken says that an Actor's session is an API token.
func byToken(session string) bool { return strings.HasPrefix(session, tokenPrefix) }
