package forwardauth_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"locum/handlers/forwardauth"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/modelstest"
)

// snippet is a block of the README for a proxy, which begins with its language.
func snippet(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(readme)
	if found == nil {
		t.Fatalf("README.md has no block for %s", language)
	}
	return string(found[1])
}

// program finds a proxy, and skips the test where there is none.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed: .ci/run does that", name)
	}
	t.Skipf("%s is not installed: its snippet in README.md is not tested", name)
	return ""
}

// free is a port that nobody serves on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// run starts a proxy and waits until it answers.
func run(t *testing.T, port, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for range 200 {
		if c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second); err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", name, said.String())
		case <-time.After(50 * time.Millisecond): // until it listens
		}
	}
	t.Fatalf("%s does not listen: %s", name, said.String())
}

func caddy(t *testing.T, port, hub, app string) {
	path := program(t, "caddy")
	text := strings.NewReplacer("planning.company.example {", "http://localhost:"+port+" {", "127.0.0.1:8080", hub, "127.0.0.1:3000", app).Replace(snippet(t, "caddyfile"))
	file := filepath.Join(t.TempDir(), "Caddyfile")
	write(t, file, "{\n\tadmin off\n}\n"+text)
	run(t, port, path, "run", "--adapter", "caddyfile", "--config", file)
}

func nginx(t *testing.T, port, hub, app string) {
	path := program(t, "nginx")
	text := snippet(t, "nginx")
	text = regexp.MustCompile(`(?m)^ *ssl_certificate.*\n`).ReplaceAllString(text, "")
	text = strings.NewReplacer("listen 443 ssl;", "listen 127.0.0.1:"+port+";", "server_name planning.company.example;", "server_name localhost;", "X-Forwarded-Host planning.company.example", "X-Forwarded-Host localhost:"+port,
		"127.0.0.1:8080", hub, "127.0.0.1:3000", app).Replace(text)
	folder := t.TempDir()
	file := filepath.Join(folder, "nginx.conf")
	write(t, file, fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log stderr;\nevents {}\nhttp {\naccess_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n%[2]s\n}\n", folder, text))
	run(t, port, path, "-c", file, "-p", folder)
}

// traefik serves a dynamic configuration by Traefik's own middlewares, with a program
// that .ci/run builds of .ci/traefik and names, or says that it could not.
func traefik(t *testing.T, port, hub, app string) {
	path := os.Getenv("LOCUM_TEST_TRAEFIK")
	if path == "" {
		t.Skip("LOCUM_TEST_TRAEFIK names no program: the snippet for Traefik in README.md is not tested")
	}
	text := strings.NewReplacer("planning.company.example", "localhost", "127.0.0.1:8080", hub, "127.0.0.1:3000", app).Replace(snippet(t, "yaml\nhttp:"))
	file := filepath.Join(t.TempDir(), "dynamic.yaml")
	write(t, file, "http:\n"+text)
	run(t, port, path, "-listen", "127.0.0.1:"+port, "-config", file)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// heard is what the application behind the proxy got.
type heard struct {
	Method, URI, Body string
	Header            http.Header
}

// sample is an application that says what it heard, and takes websockets.
func sample(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "websocket" {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			rw.Flush()
			line, _ := rw.ReadString('\n')
			fmt.Fprintf(rw, "%s says %s", r.Header.Get("Remote-User"), line)
			rw.Flush()
			return
		}
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode(heard{r.Method, r.RequestURI, string(body), r.Header})
	}))
	t.Cleanup(s.Close)
	return s
}

// front is a hub and a sample behind a real proxy, and a browser.
type front struct {
	*hub
	t       *testing.T
	address string // of the application, at the proxy
	site    *http.Client
	jar     *cookiejar.Jar
}

func newFront(t *testing.T, proxy func(t *testing.T, port, hub, app string)) *front {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, hubPort, _ := net.SplitHostPort(listener.Addr().String())
	port := free(t)
	h := newHub(t, w, config{public: "http://localhost:" + hubPort, hosts: "localhost:" + port, trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	server := &http.Server{Handler: h.handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	proxy(t, port, "127.0.0.1:"+hubPort, strings.TrimPrefix(sample(t).URL, "http://"))
	f := &front{hub: h, t: t, address: "http://localhost:" + port}
	f.jar, _ = cookiejar.New(nil)
	f.site = &http.Client{Jar: f.jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return f
}

// send sends a request, as a page unless accept says otherwise.
func (f *front) send(method, address, body string, head http.Header) (*http.Response, string) {
	f.t.Helper()
	f.Advance(time.Second)
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	f.must(err)
	r.Header.Set("Accept", "text/html")
	for name, values := range head {
		r.Header[name] = values
	}
	answer, err := f.site.Do(r)
	f.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	f.must(err)
	return answer, string(text)
}

// enter signs a person in at the hub, and goes the way from the application to the
// hub and back.
func (f *front) enter(token string) {
	f.t.Helper()
	f.send("GET", f.public.String()+signInForTests+"?as="+url.QueryEscape(token), "", nil)
	first, _ := f.send("GET", f.address+"/board?week=47", "", nil)
	if first.StatusCode != http.StatusFound || !strings.HasPrefix(first.Header.Get("Location"), f.public.String()+"/auth/start?") {
		f.t.Fatalf("answered %s to %q", first.Status, first.Header.Get("Location"))
	}
	_, page := f.send("GET", first.Header.Get("Location"), "", nil)
	found := refresh.FindStringSubmatch(page)
	if found == nil {
		f.t.Fatalf("the hub goes nowhere:\n%s", page)
	}
	back, _ := f.send("GET", strings.ReplaceAll(found[1], "&amp;", "&"), "", nil)
	if back.StatusCode != http.StatusSeeOther || back.Header.Get("Location") != f.address+"/board?week=47" {
		f.t.Fatalf("answered %s to %q", back.Status, back.Header.Get("Location"))
	}
}

// hears asks the application, and gives what it got.
func (f *front) hears(method, path, body string, head http.Header) (got heard) {
	f.t.Helper()
	answer, text := f.send(method, f.address+path, body, head)
	if answer.StatusCode != http.StatusOK {
		f.t.Fatalf("%s %s is answered %s %v", method, path, answer.Status, answer.Header)
	}
	f.must(json.Unmarshal([]byte(text), &got))
	return got
}

// Every proxy of which README.md has a tested snippet.
var proxies = map[string]func(t *testing.T, port, hub, app string){"caddy": caddy, "nginx": nginx, "traefik": traefik}

func TestARealProxyPassesOnWhoItIsAndNothingThatTheBrowserSays(t *testing.T) {
	for name, proxy := range proxies {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, proxy)
			f.enter(f.Token("ria"))
			lies := http.Header{"Connection": {"X-Locum-Org-Id, Remote-User, keep-alive"}, "X-Forwarded-Host": {"other.example.com"}, "X-Forwarded-Uri": {"/other"}, "X-Forwarded-Method": {"DELETE"},
				"X-Forwarded-For": {"10.9.9.9"}, "X-Original-URL": {"http://other.example.com/"}, "X-Locum-Org-Id": {"org_lie"}, "x_locum_org_id": {"org_lie"}, "X_Locum_Org_Id": {"org_lie"}, "remote_user": {"acc_lie"}, "Remote-User": {"acc_lie"}}
			for _, header := range forwardauth.Headers {
				lies[header] = []string{"lie"}
				lies[strings.ReplaceAll(header, "-", "_")] = []string{"lie"}
			}
			got := f.hears("POST", "/board?org_id=org_lie&user=acc_lie&redirect=1&rd=https://evil.example/", "week=47", lies)
			want := map[string]string{"Remote-User": f.ID("ria"), "Remote-Email": "ria@zonneveld.example", "Remote-Name": "Ria Smeets", "Remote-Groups": "planner", "X-Locum-Org-Id": f.Zonneveld.Organization,
				"X-Locum-Real-Org-Id": f.Zonneveld.Organization, "X-Locum-Delegation-Id": ""}
			for header, value := range want {
				if got.Header.Get(header) != value {
					t.Errorf("the application is told %s %q, want %q", header, got.Header.Get(header), value)
				}
			}
			for header, values := range got.Header {
				for _, value := range values {
					about := strings.HasPrefix(strings.ToLower(strings.ReplaceAll(header, "_", "-")), "x-locum-") || strings.HasPrefix(strings.ToLower(strings.ReplaceAll(header, "_", "-")), "remote-")
					if about && strings.Contains(value, "lie") && value != "ria@zonneveld.example" || strings.Contains(value, "locum-forward") && name != "traefik" { // which cannot take a cookie out
						t.Errorf("the application is told %s: %s", header, value)
					}
				}
			}
			if got.Method != "POST" || got.Body != "week=47" || !strings.HasPrefix(got.URI, "/board?org_id=org_lie") {
				t.Errorf("the request changed: %+v", got)
			}
			if says := f.letter(got.Header.Get("X-Locum-Jwt")); says["aud"] != strings.TrimPrefix(f.address, "http://") || says["sub"] != f.ID("ria") {
				t.Errorf("the letter says %v", says)
			}
		})
	}
}

func TestARealProxyRefusesAndFollowsVisits(t *testing.T) {
	for name, proxy := range proxies {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, proxy)
			if answer, _ := f.send("GET", f.address+"/data", "", http.Header{"Accept": {"application/json"}}); answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("a script without a session is answered %s", answer.Status)
			}
			f.must(f.Clients.CloseToVisitors(f.Ctx, f.operator(), f.id, client.Closing{Paths: "/admin\nPOST /billing"}))
			d := f.Delegate("karin", "sanne", delegation.Week)
			f.Switch("sanne", f.Zonneveld)
			f.enter(f.Token("sanne"))
			if got := f.hears("GET", "/board", "", nil); got.Header.Get("X-Locum-Delegation-Id") != d.ID || got.Header.Get("X-Locum-Real-Org-Id") != f.Kade.Organization || got.Header.Get("X-Locum-Org-Id") != f.Zonneveld.Organization {
				t.Errorf("a visit is told as %v", got.Header)
			}
			script := http.Header{"Accept": {"application/json"}}
			for _, path := range []string{"/admin", "/ADMIN/users", "//admin", "/%61dmin", "/x/%2e%2e/admin", "/admin;x=1"} {
				if answer, _ := f.send("GET", f.address+path, "", script); answer.StatusCode != http.StatusForbidden || answer.Header.Get("X-Locum-Deny") != "denied_to_visitors" {
					t.Errorf("%s is answered %s %q", path, answer.Status, answer.Header.Get("X-Locum-Deny"))
				}
			}
			if answer, _ := f.send("POST", f.address+"/billing", "x", script); answer.StatusCode != http.StatusForbidden {
				t.Errorf("POST /billing is answered %s", answer.Status)
			}
			f.hears("GET", "/billing", "", nil)
			f.must(f.Delegations.Revoke(f.Ctx, f.Actor("karin"), d.ID))
			answer, _ := f.send("GET", f.address+"/board", "", nil)
			if answer.StatusCode != http.StatusFound || answer.Header.Get("X-Locum-Deny") != "delegation_expired" || !strings.HasPrefix(answer.Header.Get("Location"), f.public.String()+"/auth/denied?") {
				t.Errorf("after the visit: %s %v", answer.Status, answer.Header)
			}
			if answer, _ := f.send("GET", f.address+"/board", "", script); answer.StatusCode != http.StatusForbidden {
				t.Errorf("after the visit a script is answered %s", answer.Status)
			}
		})
	}
}

func TestARealProxyPassesWebsocketsAndSignsOut(t *testing.T) {
	for name, proxy := range proxies {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, proxy)
			f.enter(f.Token("ria"))
			conn, err := net.Dial("tcp", strings.TrimPrefix(f.address, "http://"))
			f.must(err)
			defer conn.Close()
			f.must(conn.SetDeadline(time.Now().Add(10 * time.Second)))
			to, _ := url.Parse(f.address)
			var cookies []string
			for _, c := range f.jar.Cookies(to) {
				cookies = append(cookies, c.Name+"="+c.Value)
			}
			fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade, X-Locum-Org-Id, Remote-User\r\nUpgrade: websocket\r\nCookie: %s\r\n\r\n", to.Host, strings.Join(cookies, "; "))
			in := bufio.NewReader(conn)
			answer, err := http.ReadResponse(in, nil)
			f.must(err)
			if answer.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("a websocket is answered %s", answer.Status)
			}
			fmt.Fprintf(conn, "hello\n")
			if line, err := in.ReadString('\n'); err != nil || line != f.ID("ria")+" says hello\n" {
				t.Errorf("the websocket says %q, %v", line, err)
			}
			out, _ := f.send("GET", f.address+"/.locum/sign-out", "", nil)
			if out.StatusCode != http.StatusSeeOther || !strings.HasPrefix(out.Header.Get("Location"), f.public.String()+"/auth/left?") {
				t.Errorf("signing out is answered %s to %q", out.Status, out.Header.Get("Location"))
			}
			if answer, _ := f.send("GET", f.address+"/board", "", http.Header{"Accept": {"application/json"}}); answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("after signing out: %s", answer.Status)
			}
		})
	}
}
