package usage_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"locum/models/modelstest"
	"locum/models/usage"
)

// BenchmarkIngest is how many records a second PostgreSQL takes in batches of 10,000,
// as they come (parsed, attributed by their visits, unique for ever), beside an insert
// of as many bare rows in the same run.
func BenchmarkIngest(b *testing.B) {
	w := modelstest.New(b, "postgres")
	d := deskOf(b, w)
	visit := d.visit("karin", "sanne", d.Zonneveld)
	w.Advance(time.Minute)
	message := func(n int) []byte {
		var text strings.Builder
		for i := range usage.MaxRecords {
			fmt.Fprintf(&text, `,{"specversion":"1.0","id":"req-%06d-%d","source":"/apps/bridge","type":"locum.usage.query.v1","time":%q,"subject":%q,"data":{"quantity":"1.25","unit":"query","account_id":%q,"visit_id":%q}}`,
				n, i, w.Now().Format(time.RFC3339), w.Zonneveld.Organization, w.ID("sanne"), visit)
		}
		return []byte("[" + text.String()[1:] + "]")
	}
	sent := 0
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			sent++
			content := message(sent)
			b.StartTimer()
			records, err := usage.ParseBatch(content)
			if err != nil {
				b.Fatal(err)
			}
			out, err := d.usage.Ingest(w.Ctx, d.app.ID, records)
			if err != nil || out[0].Status != usage.Accepted {
				b.Fatal(err, out[0])
			}
		}
		b.ReportMetric(float64(usage.MaxRecords)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	pattern := message(0)
	var last atomic.Int64
	last.Store(500_000)
	b.Run("whole, from as many senders as there are processors", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				records, err := usage.ParseBatch(bytes.ReplaceAll(pattern, []byte("req-000000-"), fmt.Appendf(nil, "req-%06d-", last.Add(1))))
				if err != nil {
					b.Error(err)
					return
				}
				if out, err := d.usage.Ingest(w.Ctx, d.app.ID, records); err != nil || out[0].Status != usage.Accepted {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(usage.MaxRecords)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("parsed alone", func(b *testing.B) {
		content := message(0)
		for b.Loop() {
			if _, err := usage.ParseBatch(content); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(usage.MaxRecords)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("bare rows", func(b *testing.B) { bare(b, w) })
}

// bare inserts rows of the same width by multi-row statements, with nothing around them.
func bare(b *testing.B, w *modelstest.World) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, w.Address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE bare (a text, b text, c text, d text, e text, PRIMARY KEY (a, b, c, d, e), q bigint, at timestamptz, day text, f text, g text, h text, i text)"); err != nil {
		b.Fatal(err)
	}
	const atOnce = 500
	row := func(n int) string {
		var marks []string
		for i := range 12 {
			marks = append(marks, fmt.Sprintf("$%d", n*12+i+1))
		}
		return "(" + strings.Join(marks, ",") + ")"
	}
	var rows []string
	for n := range atOnce {
		rows = append(rows, row(n))
	}
	statement := "INSERT INTO bare VALUES " + strings.Join(rows, ",")
	made := 0
	for b.Loop() {
		tx, err := conn.Begin(ctx)
		if err != nil {
			b.Fatal(err)
		}
		for range usage.MaxRecords / atOnce {
			var args []any
			for range atOnce {
				made++
				args = append(args, w.Zonneveld.Company, "app_bridge", "/apps/bridge", fmt.Sprint("req-", made), "", int64(1250000), w.Now(), "2026-11-16", w.ID("sanne"), "Sanne Kuipers", w.Kade.Organization, "Kade Consultants")
			}
			if _, err := tx.Exec(ctx, statement, args...); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(usage.MaxRecords)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
