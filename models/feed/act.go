package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/event"
	"locum/models/store"
)

// Actor is who acts by a token of an organization: its maker, there alone, and
// with no more than the token is for and he may do himself at this moment. The
// operations of the screens take him like anybody else, and derive all of this
// again.
func (f *Feed) Actor(ctx context.Context, token string, need Scope, address string) (by models.Actor, err error) {
	if access.IsApplicationToken(token) {
		return f.byApplication(ctx, token, need, address)
	}
	var held Token
	err = f.store.SystemRead(ctx, "a machine acts", func(tx *store.Tx) (err error) {
		if held, err = tokenOf(tx, token, need); err != nil {
			return err
		}
		by, err = access.Derive(tx, models.Actor{Session: held.ID})
		return err
	})
	if err != nil {
		return models.Actor{}, err
	}
	by.Address = address
	return by, f.used(ctx, held)
}

// byApplication is Actor for the access token of an application, which acts in the
// name of the person who signed in to it.
func (f *Feed) byApplication(ctx context.Context, token string, need Scope, address string) (by models.Actor, err error) {
	err = f.store.SystemRead(ctx, "an application acts", func(tx *store.Tx) error {
		actor, scopes, err := access.ByApplicationToken(tx, token)
		if models.KindOf(err) == models.Unauthenticated && err != nil {
			return models.Fail(models.Unauthenticated, "feed.error.token")
		}
		if err == nil && (need.ofPeople() || !slices.ContainsFunc(scopes, func(s string) bool { return Scope(s).Covers(need) })) {
			err = models.Fail(models.Forbidden, "feed.error.scope", "Scope", string(need))
		}
		by = actor
		return err
	})
	by.Address = address
	return by, err
}

// KeyLife is for how long a request is known by its key.
const KeyLife = 24 * time.Hour

// MaxKey is the longest key of a request, in characters.
const MaxKey = 255

// Request is what a machine asked for under a key of its own choice
// (draft-ietf-httpapi-idempotency-key-header): to ask again changes nothing
// again.
type Request struct {
	CompanyID string `gorm:"primaryKey"`
	TokenID   string `gorm:"primaryKey"`
	Key       string `gorm:"primaryKey"`
	Digest    string // of what was asked
	SubjectID string // of what it changed
	CreatedAt models.Instant

	kinds []string // of events: the one that the change records is what SubjectID is read from
	each  bool     // several things are changed, each by itself; see UnderEach
}

// TableName is the table of requests.
func (Request) TableName() string { return "api_requests" }

// keyed are the events of what can be asked for under a key.
var keyed = []string{event.DelegationGranted, event.DelegationProposed, event.DelegationExtended, event.DelegationRevoked, event.DelegationAmended,
	event.DelegationApproved, event.DelegationRejected, event.DelegationWithdrawn, event.DelegationConfirmed, event.DelegationMoreRefused, event.VisitEnded,
	event.RequestRefused, event.FirmGranted, event.FirmApproved, event.FirmExtended, event.FirmEnded, event.FirmVetoed, event.FirmVetoLifted,
	event.ApplicationEnabled, event.ApplicationDisabled,
	event.SecretCreated, event.SecretReplaced, event.SecretRemoved,
	event.FirmConfirmed, event.FirmExtensionProposed, event.FirmExtensionRejected, event.FirmExtensionWithdrawn,
	event.OrganizationChanged, event.RequestLinkMade, event.RequestLinkRemoved, event.DelegationWatchChanged, event.WatchDefaultChanged,
	event.DelegationAccepted, event.DelegationDeclined, event.DelegationGivenBack, event.DelegationMoreAsked, event.RequestMade, event.RequestWithdrawn,
	event.FirmNamed, event.FirmUnnamed}

// Digest is what tells one request from another under the same key. It is made
// with the installation's keys, since a request may hold a secret that could be
// guessed from a plain hash.
func (f *Feed) Digest(parts ...string) (string, error) {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	digest, err := f.keys.Derive("request "+string(sum.Sum(nil)), 32)
	return hex.EncodeToString(digest), err
}

type requestKey struct{}

// Under gives the context of a change that a machine asks for under a key. The
// key is written down with the change, in its transaction: with the one event of
// these types that the change records, among others that follow from it.
func Under(ctx context.Context, by models.Actor, key, digest string, kinds ...string) context.Context {
	return context.WithValue(ctx, requestKey{}, Request{CompanyID: by.Effective.Company, TokenID: by.Session, Key: key, Digest: digest, kinds: kinds})
}

// UnderEach is Under for a request that changes several things, each in a
// transaction of its own: the key is written down with each of them.
func UnderEach(ctx context.Context, by models.Actor, key, digest string, kinds ...string) context.Context {
	return context.WithValue(ctx, requestKey{}, Request{CompanyID: by.Effective.Company, TokenID: by.Session, Key: key, Digest: digest, kinds: kinds, each: true})
}

// among separates the key of a request from the one thing that it changed among
// others. No key holds it: they are printable.
const among = "\n"

// keepKey writes the key of a change down. It runs in a System transaction, and
// fails when the key was used meanwhile.
func keepKey(tx *store.Tx, kind string, about store.About) error {
	r, there := tx.Context().Value(requestKey{}).(Request)
	if !there || !slices.Contains(r.kinds, kind) {
		return nil
	}
	err := tx.Where("company_id = ? AND token_id = ? AND created_at <= ?", r.CompanyID, r.TokenID, models.At(tx.Now().Add(-KeyLife))).Delete(&Request{}).Error
	if err != nil {
		return err
	}
	r.SubjectID, r.CreatedAt = about.ID, models.At(tx.Now())
	if r.each {
		r.Key += among + about.ID
	}
	if err := tx.Create(&r).Error; store.Duplicate(err) {
		return models.Fail(models.Conflict, "feed.error.key_used")
	} else if err != nil {
		return err
	}
	return nil
}

// Asked finds what was changed when a token asked under a key before; false when
// it never did. Something else under the same key is refused.
func (f *Feed) Asked(ctx context.Context, by models.Actor, key, digest string) (subject string, found bool, err error) {
	rows, err := f.asked(ctx, by, key, digest)
	if err != nil || len(rows) == 0 {
		return "", false, err
	}
	return rows[0].SubjectID, true, nil
}

// AskedEach finds which of several things were changed when a token asked under a
// key before, by their ids. Something else under the same key is refused.
func (f *Feed) AskedEach(ctx context.Context, by models.Actor, key, digest string) (subjects map[string]bool, err error) {
	rows, err := f.asked(ctx, by, key, digest)
	subjects = map[string]bool{}
	for _, row := range rows {
		subjects[row.SubjectID] = true
	}
	return subjects, err
}

// asked reads what was written down under a key that still holds.
func (f *Feed) asked(ctx context.Context, by models.Actor, key, digest string) (rows []Request, err error) {
	several := key + among
	err = f.store.SystemRead(ctx, "what a machine asked before", func(tx *store.Tx) error {
		err := tx.Where("company_id = ? AND token_id = ? AND created_at > ?", by.Effective.Company, by.Session, models.At(tx.Now().Add(-KeyLife))).
			Where("(key = ? OR substr(key, 1, ?) = ?)", key, len(several), several).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Digest != digest {
				wrong := models.FieldErrors{}
				wrong.Add("Idempotency-Key", "feed.error.key_other")
				return wrong.Err()
			}
		}
		return nil
	})
	return rows, err
}
