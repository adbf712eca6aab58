package directory

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/secret"
	"locum/models/store"
)

// The kinds of provider that screens have instructions for.
const (
	Okta  = "okta"
	Entra = "entra"
	Other = "other"
)

// Kinds lists the kinds of provider.
var Kinds = []string{Entra, Okta, Other}

// Directory is one client of SCIM and all that it keeps up to date.
type Directory struct {
	CompanyID     string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	Name          string
	Kind          string
	AllowWipe     bool // a client may remove all members of a group without naming them
	PausedAt      *models.Instant
	PausedByName  string
	HeldAt        *models.Instant // since when removals wait for a manager
	LastRequestAt *models.Instant
	LastFailureAt *models.Instant
	RemovedAt     *models.Instant // its people are gone through, and it goes
	Leaves        bool            // and they keep their roles
	CreatedBy     string
	CreatedByName string
	CreatedAt     models.Instant
}

// TableName is the table of directories.
func (Directory) TableName() string { return "directories" }

// Directories are the operations on directories: of managers, and of clients.
type Directories struct {
	store      *store.Store
	connectors *provisioning.Connectors
	atOnce     int // for how many people a request decides itself
}

// decideAtOnce is for how many people a request decides about their roles
// itself; the others of a large change follow within seconds: see Advance.
const decideAtOnce = 200

// New opens the directories of a store. From then on assertions leave alone the
// groups that a directory manages, people are matched once the domain of their
// address is verified, and a user is published whenever his roles change.
func New(s *store.Store, connectors *provisioning.Connectors) *Directories {
	d := &Directories{store: s, connectors: connectors, atOnce: decideAtOnce}
	connectors.LearnGroups(knownGroup)
	connectors.LearnNames(groupNames, directoryNames)
	s.React(event.DomainVerified, awaitedDomain)
	s.ReactAll(event.RoleGranted, awaitedHead)
	s.Once(publish, published...)
	return d
}

// Draft is what a manager says of a new directory.
type Draft struct {
	Name string
	Kind string
}

func (in *Draft) check() error {
	wrong := models.FieldErrors{}
	in.Name = account.CheckName(in.Name, "name", wrong)
	if in.Kind != Okta && in.Kind != Entra {
		in.Kind = Other
	}
	return wrong.Err()
}

// Add makes a directory of the actor's company, with its first token.
func (d *Directories) Add(ctx context.Context, by models.Actor, in Draft) (made Directory, token string, err error) {
	if err := in.check(); err != nil {
		return made, "", err
	}
	err = d.store.Write(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil { // its token would outlive the session
			return err
		}
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		made = Directory{CompanyID: tx.Actor.Effective.Company, ID: models.NewID("dir"), Name: in.Name, Kind: in.Kind,
			CreatedBy: tx.Actor.Account, CreatedByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())}
		if err := tx.Create(&made).Error; err != nil {
			return err
		}
		tx.Record(event.DirectoryEnabled, store.About{ID: made.ID, Name: made.Name, Data: map[string]any{"kind": made.Kind}})
		token, err = newToken(tx, made, nil)
		return err
	})
	return made, token, err
}

// List lists the directories of the actor's company, the oldest first.
func (d *Directories) List(ctx context.Context, by models.Actor) (list []Directory, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		return tx.Where("removed_at IS NULL").Order("created_at, id").Find(&list).Error
	})
	return list, err
}

// Get reads one directory of the actor's company.
func (d *Directories) Get(ctx context.Context, by models.Actor, id string) (one Directory, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		one, err = load(tx, id, false)
		return err
	})
	return one, err
}

// Pause turns the directory's clients away until Resume: they are told to come
// back, and lose nothing.
func (d *Directories) Pause(ctx context.Context, by models.Actor, id string) error {
	return d.turn(ctx, by, id, event.DirectoryPaused, func(tx *store.Tx, was Directory) (map[string]any, error) {
		if was.PausedAt != nil {
			return nil, models.Fail(models.Conflict, "directory.error.paused")
		}
		return map[string]any{"paused_at": models.At(tx.Now()), "paused_by_name": tx.Actor.Name}, nil
	})
}

// Resume ends a pause.
func (d *Directories) Resume(ctx context.Context, by models.Actor, id string) error {
	return d.turn(ctx, by, id, event.DirectoryResumed, func(_ *store.Tx, was Directory) (map[string]any, error) {
		if was.PausedAt == nil {
			return nil, models.Fail(models.Conflict, "directory.error.not_paused")
		}
		return map[string]any{"paused_at": nil, "paused_by_name": ""}, nil
	})
}

// SetWipe says whether a client may remove all members of a group without naming
// them.
func (d *Directories) SetWipe(ctx context.Context, by models.Actor, id string, allow bool) error {
	return d.turn(ctx, by, id, event.DirectoryChanged, func(*store.Tx, Directory) (map[string]any, error) {
		return map[string]any{"allow_wipe": allow}, nil
	})
}

func (d *Directories) turn(ctx context.Context, by models.Actor, id, kind string, change func(*store.Tx, Directory) (map[string]any, error)) error {
	return d.store.Write(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		was, err := load(tx, id, true)
		if err != nil {
			return err
		}
		changes, err := change(tx, was)
		if err != nil {
			return err
		}
		tx.Record(kind, store.About{ID: was.ID, Name: was.Name})
		tx.Notify("directory:" + was.ID)
		return tx.Model(&Directory{}).Where("company_id = ? AND id = ?", was.CompanyID, id).Updates(changes).Error
	})
}

// load reads a directory of the company to which the transaction is confined.
func load(tx *store.Tx, id string, locked bool) (one Directory, err error) {
	db := tx.Where("id = ? AND removed_at IS NULL", id)
	if locked {
		db = db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	if err = db.Take(&one).Error; store.Missing(err) {
		return one, models.Unknown()
	}
	return one, err
}

// Client is an authenticated client of a directory.
type Client struct {
	Directory
	Token   string // its id
	Suffix  string // of the token
	Request string // the id under which the request is logged
	Address string // from where it came
}

// Authenticate finds the directory of a bearer token; models.Unauthenticated for
// a token that is unknown, expired or revoked. Of a paused directory the client
// comes with an error of kind Unavailable: it is authenticated all the same.
func (d *Directories) Authenticate(ctx context.Context, token string) (c Client, err error) {
	unknown := models.Fail(models.Unauthenticated, "directory.scim.token")
	var row Token
	if strings.TrimSpace(token) == "" {
		return c, unknown
	}
	err = d.store.SystemRead(ctx, "a directory client's token", func(tx *store.Tx) error {
		if err := tx.Where("hash = ?", secret.Hash(token)).Take(&row).Error; err != nil {
			if store.Missing(err) {
				return unknown
			}
			return err
		}
		if !row.Live(tx.Now()) {
			return unknown
		}
		c.Token, c.Suffix, c.Request = row.ID, row.Suffix, models.NewID("dreq")
		return tx.Where("company_id = ? AND id = ?", row.CompanyID, row.DirectoryID).Take(&c.Directory).Error
	})
	if row.RevokedAt == nil && row.ExpiresAt != nil && errors.Is(err, unknown) {
		if noted := d.refuse(ctx, row); noted != nil {
			return c, noted
		}
	}
	if err == nil && c.PausedAt != nil {
		err = paused()
	}
	return c, err
}

func paused() *models.Error { return models.Fail(models.Unavailable, "directory.scim.paused") }
