package sqlstore

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waits until so many jobs are in a line.
func (l *line) until(t *testing.T, n int) {
	require.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.waiting) == n
	}, 10*time.Second, time.Millisecond)
}

func TestALineGoesOnWhenItsLeaderPanics(t *testing.T) {
	hangs, goOn := make(chan struct{}), make(chan struct{})
	n := 0
	l := &line{most: 10}
	l.serve = func(*job, []*job) []*job {
		switch n++; n {
		case 1:
			close(hangs)
			<-goOn
		case 2:
			panic("of the second leader")
		}
		return nil
	}
	var all sync.WaitGroup
	all.Go(func() { assert.NoError(t, l.join(context.Background(), &job{})) })
	<-hangs
	all.Go(func() {
		assert.Panics(t, func() { _ = l.join(context.Background(), &job{}) })
	})
	l.until(t, 1)
	for range 2 {
		all.Go(func() {
			assert.ErrorIs(t, l.join(context.Background(), &job{}), errPanic, "it is not known to be done")
		})
	}
	l.until(t, 3)
	close(goOn)
	all.Wait()
	assert.NoError(t, l.join(context.Background(), &job{}))
}

func TestWhatIsLeftOfABatchIsLedByItsOwnCallers(t *testing.T) {
	hangs, goOn := make(chan struct{}), make(chan struct{})
	var sizes []int
	var third *job
	l := &line{most: 10, reads: true}
	l.serve = func(own *job, batch []*job) (left []*job) {
		assert.Contains(t, batch, own)
		sizes = append(sizes, len(batch))
		switch len(sizes) {
		case 1:
			close(hangs)
			<-goOn
		case 2:
			for _, j := range batch {
				if j != own {
					j.alone, left = true, append(left, j)
				}
			}
			assert.True(t, l.leave(third), "its caller goes meanwhile")
		}
		return left
	}
	var all sync.WaitGroup
	all.Go(func() { assert.NoError(t, l.join(context.Background(), &job{})) })
	<-hangs
	for i := range 2 {
		all.Go(func() { assert.NoError(t, l.join(context.Background(), &job{size: 1})) })
		l.until(t, i+1)
	}
	third = &job{size: 1, done: make(chan struct{}), lead: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, third)
	l.mu.Unlock()
	all.Go(func() { assert.NoError(t, l.join(context.Background(), &job{size: 1})) })
	l.until(t, 4)
	close(goOn)
	all.Wait()
	assert.Equal(t, []int{1, 4, 1, 1}, sizes, "each alone, but for the one who has gone")
	assert.False(t, l.led)
}
