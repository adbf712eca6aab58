package scim_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"locum/models"
	"locum/models/directory"
	"locum/models/modelstest"
	"locum/models/store"
)

// sizes are how many users the benchmarks know. The largest is left out with
// -short.
func sizes() []int {
	if testing.Short() {
		return []int{1_000, 10_000}
	}
	return []int{1_000, 10_000, 100_000}
}

// bulk seeds a directory with users u0…, all of them in one group; no evaluation
// goes over them.
func (h *hub) bulk(size int) (group string) {
	group = h.group("Everyone")
	now := models.At(h.Now())
	h.System(func(tx *store.Tx) error {
		users := make([]directory.User, size)
		members := make([]directory.Member, size)
		for i := range size {
			name := fmt.Sprintf("u%d@elsewhere.example", i)
			users[i] = directory.User{CompanyID: h.directory.CompanyID, ID: fmt.Sprintf("dusr_%07d", i), DirectoryID: h.directory.ID, UserName: name, UserNameKey: name,
				ExternalID: fmt.Sprintf("ext-%d", i), Active: true, Version: 1, CreatedAt: now, UpdatedAt: now,
				Resource: fmt.Sprintf(`{"name":{"givenName":"U%d","familyName":"Jansen"},"emails":[{"value":%q,"type":"work","primary":true}]}`, i, name)}
			members[i] = directory.Member{CompanyID: h.directory.CompanyID, GroupID: group, MemberID: users[i].ID, DirectoryID: h.directory.ID, Kind: directory.UserMember, CreatedAt: now}
		}
		if err := tx.CreateInBatches(&users, tx.RowsAtOnce(17)).Error; err != nil {
			return err
		}
		return tx.CreateInBatches(&members, tx.RowsAtOnce(6)).Error
	})
	if h.Database == "postgres" { // as autovacuum does soon after
		db, err := sql.Open("pgx", h.Address)
		h.must(err)
		defer db.Close()
		_, err = db.Exec("ANALYZE")
		h.must(err)
	}
	return group
}

// memory is the reference: it keeps users and one group in maps, knows the few
// requests of the benchmark, and answers them with the same JSON. It keeps
// nothing, logs nothing and decides nothing.
type memory struct {
	mu       sync.Mutex
	users    []map[string]any
	name, id map[string]int
	external map[string]int
	members  map[string]bool
}

func newMemory(size int) *memory {
	m := &memory{name: map[string]int{}, id: map[string]int{}, external: map[string]int{}, members: map[string]bool{}}
	for i := range size {
		name := fmt.Sprintf("u%d@elsewhere.example", i)
		m.add(map[string]any{"id": fmt.Sprintf("dusr_%07d", i), "userName": name, "externalId": fmt.Sprintf("ext-%d", i), "active": true,
			"name": map[string]any{"givenName": fmt.Sprint("U", i), "familyName": "Jansen"}, "emails": []any{map[string]any{"value": name, "type": "work", "primary": true}}})
		m.members[fmt.Sprintf("dusr_%07d", i)] = true
	}
	return m
}

func (m *memory) add(u map[string]any) {
	at := len(m.users)
	m.users = append(m.users, u)
	m.id[u["id"].(string)], m.name[strings.ToLower(u["userName"].(string))] = at, at
	if external, said := u["externalId"].(string); said {
		m.external[external] = at
	}
}

func (m *memory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	say := func(code int, body any) {
		w.Header().Set("Content-Type", "application/scim+json; charset=utf-8")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(body)
	}
	list := func(total int, found []map[string]any) {
		say(200, map[string]any{"schemas": []string{directory.ListMessage}, "totalResults": total, "startIndex": 1, "itemsPerPage": len(found), "Resources": found})
	}
	switch r.Method {
	case "POST":
		var u map[string]any
		json.NewDecoder(r.Body).Decode(&u)
		u["id"] = models.NewID("dusr")
		m.add(u)
		say(201, u)
	case "PATCH":
		var body struct {
			Operations []struct {
				Op    string
				Value []struct{ Value string }
			}
		}
		json.NewDecoder(r.Body).Decode(&body)
		for _, o := range body.Operations {
			for _, v := range o.Value {
				m.members[v.Value] = o.Op == "add"
			}
		}
		w.WriteHeader(204)
	default:
		field, value, found := strings.Cut(r.URL.Query().Get("filter"), " eq ")
		if !found {
			list(len(m.users), m.users[:100])
			return
		}
		index := m.name
		if field == "externalId" {
			index = m.external
		}
		if at, there := index[strings.Trim(value, `"`)]; there {
			list(1, m.users[at:at+1])
		}
	}
}

// BenchmarkDirectory asks of directories of several sizes what clients ask most,
// and the reference the same.
func BenchmarkDirectory(b *testing.B) {
	for _, database := range []string{"memory", "sqlite", "postgres"} {
		for _, size := range sizes() {
			b.Run(fmt.Sprintf("%s/%d", database, size), func(b *testing.B) {
				token, group := "", "dgrp_1"
				var handler http.Handler = newMemory(size)
				if database != "memory" {
					h := newHub(b, modelstest.New(b, database))
					group, token, handler = h.bulk(size), h.token, h.handler
				}
				requests(b, handler, token, group, size)
			})
		}
	}
}

func requests(b *testing.B, handler http.Handler, token, group string, size int) {
	send := func(b *testing.B, code int, method, path, body string) {
		r := httptest.NewRequest(method, "/scim/v2"+path, strings.NewReader(body))
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/scim+json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != code {
			b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	made := 0
	for _, one := range []struct {
		name string
		do   func(b *testing.B, i int)
	}{
		{"create", func(b *testing.B, _ int) {
			made++
			send(b, 201, "POST", "/Users", fmt.Sprintf(`{"userName":"n%d@elsewhere.example","externalId":"n-%d","active":true,"name":{"givenName":"N","familyName":"Jansen"}}`, made, made))
		}},
		{"patch one member", func(b *testing.B, i int) {
			op := []string{"remove", "add"}[i%2]
			send(b, 204, "PATCH", "/Groups/"+group, patch(fmt.Sprintf(`{"op":%q,"path":"members","value":[{"value":"dusr_%07d"}]}`, op, size/2)))
		}},
		{"filter by userName", func(b *testing.B, i int) {
			send(b, 200, "GET", "/Users?startIndex=1&count=100&filter="+url.QueryEscape(fmt.Sprintf(`userName eq "u%d@elsewhere.example"`, i*37%size)), "")
		}},
		{"filter by externalId", func(b *testing.B, i int) {
			send(b, 200, "GET", "/Users?filter="+url.QueryEscape(fmt.Sprintf(`externalId eq "ext-%d"`, i*37%size)), "")
		}},
		{"list a page", func(b *testing.B, _ int) { send(b, 200, "GET", "/Users?startIndex=1&count=100", "") }},
		{"list the last page", func(b *testing.B, _ int) {
			send(b, 200, "GET", fmt.Sprintf("/Users?startIndex=%d&count=100", size-100), "")
		}},
	} {
		b.Run(one.name, func(b *testing.B) {
			for i := range b.N {
				one.do(b, i)
			}
		})
	}
}
