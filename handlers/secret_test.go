package handlers_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"locum/handlers"
	"locum/handlers/web"
	"locum/models/feed"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/vault"
	"locum/views/i18n"
	views "locum/views/mail"
)

// whole is every row of every table, those of the queue too.
func (h *hub) whole() string {
	h.T.Helper()
	var all strings.Builder
	h.System(func(tx *store.Tx) error {
		var tables []string
		list := tx.Table("information_schema.tables").Where("table_schema = ? AND table_type = ?", "public", "BASE TABLE").Select("table_name")
		if h.Database == "sqlite" {
			list = tx.Table("sqlite_master").Where("type = ?", "table").Select("name")
		}
		if err := list.Find(&tables).Error; err != nil {
			return err
		}
		for _, table := range tables {
			if strings.HasPrefix(table, "goose") {
				continue // migrations alone
			}
			var rows []map[string]any
			if err := tx.Table(table).Find(&rows).Error; err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			for _, row := range rows {
				for name, value := range row {
					if raw, is := value.([]byte); is {
						value = string(raw)
					}
					fmt.Fprintf(&all, "%s.%s=%v\n", table, name, value)
				}
			}
		}
		return nil
	})
	return all.String()
}

// TestNothingOfASecretLeaksAnywhere does everything that can be done with secrets,
// well and badly, and looks for their values in the database, in the log, in every
// mail, and in every answer but those that reveal.
func TestNothingOfASecretLeaksAnywhere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		var log bytes.Buffer
		public, err := url.Parse(address)
		h.must(err)
		app, err := handlers.New(h.domain, handlers.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
			Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: w.Now, Ready: w.Store.Ping, Limits: handlers.Limits{Requests: -1, Anonymous: -1}})
		h.must(err)
		app.Open("GET "+tokenRoute, func(r *web.Request) (web.Response, error) {
			return web.Redirect("/", "").SignedIn(r.URL.Query().Get("as")), nil
		})
		h.handler = app.Handler()
		canaries := []string{"canary-first-5512", "canary-second-7731", "canary-third-9004", "canary-fourth-1207", "canary-refused-6644"}
		karin := h.with(h.Token("karin"))
		page := func(path string, fields ...string) *httptest.ResponseRecorder {
			f := url.Values{"epoch": {fmt.Sprint(h.Actor("karin").Epoch)}}
			for i := 0; i+1 < len(fields); i += 2 {
				f.Set(fields[i], fields[i+1])
			}
			return karin.send(http.MethodPost, path, f, nil)
		}
		at := page("/secrets/new", "kind", "text", "name", "One", "value", canaries[0]).Header().Get("Location")
		page("/secrets/new", "kind", "token", "name", "Two", "value", canaries[4]) // without a date: refused
		page(at+"/replace", "version", "1", "value", canaries[1])
		page(at+"/replace", "version", "1", "value", canaries[4]) // somebody did meanwhile
		if shown := page(at+"/reveal", "version", "1"); !strings.Contains(shown.Body.String(), canaries[0]) {
			t.Fatalf("it does not reveal: %d", shown.Code)
		}
		page(at + "/versions/1/restore")
		page(at + "/versions/2/remove")
		_, token, err := h.domain.Feed.Make(h.Ctx, h.Actor("karin"), feed.Draft{OfOrganization: true, Name: "Till", Scopes: feed.OrganizationScopes, Days: 30})
		h.must(err)
		call := func(path, body, key string) string {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Host, r.RemoteAddr = public.Host, "192.0.2.9:4000"
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
			if key != "" {
				r.Header.Set("Idempotency-Key", key)
			}
			answer := httptest.NewRecorder()
			h.handler.ServeHTTP(answer, r)
			return answer.Body.String()
		}
		said := call("/v1/secrets", `{"name":"Three","kind":"text","value":"`+canaries[2]+`"}`, "k1") + call("/v1/secrets", `{"name":"Three","kind":"text","value":"`+canaries[3]+`"}`, "k1") +
			call("/v1/secrets", `{"name":"Four","kind":"text","value":"`+canaries[3]+`"}`, "k2") + call("/v1/secrets", `{"name":"Five","kind":"text","value":"`+canaries[4]+`","x":1}`, "")
		list, err := h.Vault.List(h.Ctx, h.Actor("karin"))
		h.must(err)
		if len(list) != 3 {
			t.Fatalf("%d secrets are kept:\n%s", len(list), said)
		}
		for _, s := range list {
			if s.Name == "Three" && !strings.Contains(call("/v1/secrets/"+s.ID+"/reveal", "", ""), canaries[2]) {
				t.Error("it is not used")
			}
		}
		_, err = h.Vault.RotateDataKeys(h.Ctx)
		h.must(err)
		h.must(h.Vault.Tend(h.Ctx))
		// One that cannot be opened makes an error that is logged.
		h.System(func(tx *store.Tx) error {
			return tx.Model(&vault.Version{}).Where("number = 1").Update("sealed", base64.RawStdEncoding.EncodeToString([]byte("broken"))).Error
		})
		broken := page(at+"/reveal", "version", "1")
		said += broken.Body.String() + karin.send(http.MethodGet, "/secrets", nil, nil).Body.String() + karin.send(http.MethodGet, at, nil, nil).Body.String() +
			karin.send(http.MethodGet, "/activity", nil, nil).Body.String() + karin.send(http.MethodGet, "/inbox", nil, nil).Body.String()
		if broken.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "vault: a value does not open") {
			t.Errorf("a broken value answers %d, and the log does not say it", broken.Code)
		}
		var mails strings.Builder
		for _, m := range h.Mails(mail.SecretGivenKind) {
			content, err := m.Content()
			h.must(err)
			written, err := views.Render(i18n.For(m.Language, m.TimeZone), content, views.NewLinks(address))
			h.must(err)
			mails.WriteString(written.Subject + written.HTML + written.Text)
		}
		if mails.Len() == 0 {
			t.Fatal("no mail was written")
		}
		for where, text := range map[string]string{"the database": h.whole(), "the log": log.String(), "a mail": mails.String(), "an answer that reveals nothing": said} {
			for _, canary := range canaries {
				for form, hidden := range map[string]string{"clear": canary, "base64": base64.RawStdEncoding.EncodeToString([]byte(canary)), "hex": hex.EncodeToString([]byte(canary)), "a plain hash": secret.Hash(canary)} {
					if strings.Contains(text, hidden) {
						t.Errorf("%s holds %s in %s", where, canary, form)
					}
				}
			}
		}
	})
}
