package directory

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/store"
)

// Limits on the log of requests.
const (
	maxLogged  = 16 << 10            // bytes of one body
	keepLogged = 14 * 24 * time.Hour // how long a request is kept
)

// Request is one request of a client, as the log keeps it. Neither a password
// nor a token is in it.
type Request struct {
	CompanyID   string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	DirectoryID string
	At          models.Instant
	Method      string
	Target      string // path and query
	Status      int
	Detail      string // what the client was told was wrong
	Request     string // the bodies
	Response    string
	UserAgent   string
	TokenSuffix string
	TookMS      int64 `gorm:"column:took_ms"`
}

// TableName is the table of requests.
func (Request) TableName() string { return "directory_requests" }

// Failed says whether the client was told that something is wrong.
func (r Request) Failed() bool { return r.Status >= 400 }

// Exchange is what was asked and answered.
type Exchange struct {
	Method, Target string
	Status         int
	Detail         string
	Body, Answer   []byte
	UserAgent      string
	Took           time.Duration
}

// Log keeps a request and its answer, and notes that the token was used.
func (d *Directories) Log(ctx context.Context, c Client, e Exchange) error {
	return d.store.System(ctx, "log a directory's request", func(tx *store.Tx) error {
		tx.NothingToRecord() // what it changed is recorded with the change
		now := models.At(tx.Now())
		row := Request{CompanyID: c.CompanyID, ID: c.Request, DirectoryID: c.ID, At: now, Method: clean(e.Method, 20), Target: clean(e.Target, 2000), Status: e.Status,
			Detail: clean(e.Detail, 500), Request: redacted(e.Body), Response: redacted(e.Answer), UserAgent: clean(e.UserAgent, 200), TokenSuffix: c.Suffix, TookMS: e.Took.Milliseconds()}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		noted := map[string]any{"last_request_at": now}
		if row.Failed() {
			noted["last_failure_at"] = now
		}
		if err := tx.Model(&Directory{}).Where("company_id = ? AND id = ?", c.CompanyID, c.ID).Updates(noted).Error; err != nil {
			return err
		}
		return tx.Model(&Token{}).Where("company_id = ? AND id = ?", c.CompanyID, c.Token).Update("last_used_at", now).Error
	})
}

// clean keeps a text short, and free of what PostgreSQL cannot keep.
func clean(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// redacted is a body without passwords. One that is no JSON is not kept: nobody
// knows what is in it.
func redacted(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	object, err := ReadJSON(body)
	if err != nil || !utf8.Valid(body) {
		return "—"
	}
	hide(object)
	out, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return "—"
	}
	return clean(string(out), maxLogged)
}

// hide takes passwords out, also those of PATCH operations that name them in
// their path.
func hide(value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			hide(one)
		}
	case map[string]any:
		path, _ := member(v, "path")
		named, _ := path.(string)
		for name, one := range v {
			if secretName(name) || strings.EqualFold(name, "value") && secretName(named) {
				v[name] = "•••"
				continue
			}
			hide(one)
		}
	}
}

func secretName(name string) bool { return strings.Contains(strings.ToLower(name), "password") }

// Forget drops requests that are old: a sweep calls it.
func (d *Directories) Forget(ctx context.Context) error {
	return d.store.System(ctx, "forget a directory's old requests", func(tx *store.Tx) error {
		tx.NothingToRecord() // a log of its own
		return tx.Where("at < ?", models.At(tx.Now().Add(-keepLogged))).Delete(&Request{}).Error
	})
}
