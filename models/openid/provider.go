package openid

import (
	"context"
	"sync"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Provider are the operations of the OpenID provider.
type Provider struct {
	store    *store.Store
	sessions *access.Sessions
	clients  *client.Clients

	mu      sync.Mutex
	held    map[string]lookedUp // access tokens that were looked up, by hash
	own     map[string]ownLookedUp
	changes int // how often they were dropped
}

// lookedUp is an access token with what it was issued by; a nil one is not there.
type lookedUp struct {
	token *issued
	until time.Time
}

type issued struct {
	Token
	By Authorization
}

// trusted is how long a token that was looked up may be used again.
const trusted = 500 * time.Millisecond

// New opens the provider of a store. What was looked up of tokens is dropped as
// soon as something changes, on whichever replica. Applications are told when a
// session or a visit ends in which they got tokens.
func New(s *store.Store, sessions *access.Sessions, clients *client.Clients) *Provider {
	p := &Provider{store: s, sessions: sessions, clients: clients, held: map[string]lookedUp{}, own: map[string]ownLookedUp{}}
	s.Drop(p.forget)
	s.React(event.SignedOut, sessionEnded)
	s.React(event.SessionRevoked, sessionEnded)
	s.React(event.VisitLeft, visitEnded)
	return p
}

func (p *Provider) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.held)
	clear(p.own)
	p.changes++
}

// errGrant answers whatever a code or a refresh token can be refused for, without
// telling which (RFC 6749, section 5.2: invalid_grant).
func errGrant() error { return models.Fail(models.Unauthenticated, "oidc.error.grant") }

// Authorize lets an application know of the actor's session: it gives the code
// that the application exchanges for tokens. Where the actor may not use the
// application now, it says why and gives none.
func (p *Provider) Authorize(ctx context.Context, by models.Actor, in Request) (code string, told access.Answer, err error) {
	if err := in.check(); err != nil {
		return "", told, err
	}
	code = secret.Token()
	err = p.store.SystemFor(ctx, by, "let an application know who somebody is", func(tx *store.Tx) error {
		tx.NothingToRecord() // where he is denied
		a, err := access.AnswerFor(tx, by.Session, in.Client.ApplicationID)
		if err != nil {
			return err
		}
		told = a.From(by.Address)
		if told.Denied != "" {
			return nil
		}
		row := Authorization{ID: models.NewID("ath"), ApplicationID: in.Client.ApplicationID, AccountID: told.Actor.Account, SessionID: by.Session,
			Scopes: join(grantable(in.Scopes, told)), Nonce: in.Nonce, RedirectURI: in.RedirectURI, CodeHash: secret.Hash(code), CodeChallenge: in.Challenge,
			CodeExpiresAt: models.At(tx.Now().Add(CodeLife)), CreatedAt: models.At(tx.Now())}
		if told.Actor.Visiting() {
			row.VisitID = told.Actor.Visit
		}
		name, err := nameOf(tx, row.ApplicationID)
		if err != nil {
			return err
		}
		at := told.Actor.Effective
		tx.Record(event.ApplicationEntered, store.About{ID: row.ApplicationID, Name: name, Company: at.Company, Organization: at.Organization})
		return tx.Create(&row).Error
	})
	if err == nil && told.Denied == access.NotForVisitors {
		err = p.sessions.Deny(ctx, told.Actor)
	}
	if err != nil || told.Denied != "" {
		return "", told, err
	}
	p.seen(ctx, told)
	return code, told, nil
}

func nameOf(tx *store.Tx, application string) (string, error) {
	var row tenancy.Application
	err := tx.Where("id = ?", application).Take(&row).Error
	return row.Name, err
}

// NameOf is what an application is called.
func (p *Provider) NameOf(ctx context.Context, application string) (name string, err error) {
	err = p.store.SystemRead(ctx, "what an application is called", func(tx *store.Tx) error {
		name, err = nameOf(tx, application)
		return err
	})
	return name, err
}
