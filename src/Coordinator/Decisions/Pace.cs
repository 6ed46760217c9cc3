namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// Estimates how fast each worker is, from the times it took for its nodes. The adopted estimate changes only when a worker's usual time
/// has clearly changed, so that equal workers stay equal in spite of noise in single steps.
/// </summary>
/// <param name="every">How often the estimates are adopted.</param>
/// <param name="between">Minimum time between two sampled steps of a worker, so that one short disturbance is one sample.</param>
internal sealed class Pace(TimeSpan every, TimeSpan between)
{
    private const int Remembered = 16, Enough = 5, InARow = 3;
    private const double Noticeable = 1.3;

    private readonly Dictionary<WorkerId, Course> _courses = [];
    private TimeSpan _nextDecision, _nextProbe;

    /// <summary>With the intervals of a production run.</summary>
    public Pace()
        : this(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50))
    {
    }

    /// <summary>Time of one shard on one lane of this worker, relative to the usual time, which is 1.</summary>
    public double SlownessOf(WorkerId worker) => _courses.TryGetValue(worker, out Course? course) ? course.Slowness : 1;

    /// <summary>Records that from <paramref name="step"/> on the worker computes <paramref name="shards"/> shards a step.</summary>
    public void Ask(in RosterWorker worker, long step, int shards)
    {
        if (!_courses.TryGetValue(worker.Worker, out Course? course))
            _courses.Add(worker.Worker, course = new Course());
        (course.FromStep, course.Shards, course.Rounds) = (step, shards, worker.RoundsOf(shards));
    }

    /// <summary>Excludes this step of the worker from the estimate, because it was asked for extra nodes.</summary>
    public void Disturb(WorkerId worker, long step)
    {
        if (_courses.TryGetValue(worker, out Course? course))
            course.DisturbedStep = step;
    }

    /// <summary>Records the arrival of a node, late or not.</summary>
    /// <param name="worker">The worker that computed it.</param>
    /// <param name="step">The step of its weights.</param>
    /// <param name="shards">Shards of the node.</param>
    /// <param name="time">From receiving the weights to finishing the node.</param>
    /// <param name="now">Time since the run began.</param>
    public void Arrived(WorkerId worker, long step, int shards, TimeSpan time, TimeSpan now)
    {
        if (!_courses.TryGetValue(worker, out Course? course) || step < course.FromStep || step == course.DisturbedStep)
            return;
        if (step != course.Step)
            (course.Step, course.Seen, course.Longest) = (step, 0, TimeSpan.Zero);
        course.Seen += shards;
        if (time > course.Longest)
            course.Longest = time;
        if (course.Seen != course.Shards || now < course.NextSample)
            return;
        course.NextSample = now + between;
        course.Samples[course.Count++ % Remembered] = course.Longest.TotalSeconds / course.Rounds;
    }

    /// <summary>Whether the estimates are due to be adopted.</summary>
    public bool IsDue(TimeSpan now) => IsPast(ref _nextDecision, now);

    /// <summary>Whether standby workers are due for a probe.</summary>
    public bool IsProbeDue(TimeSpan now) => IsPast(ref _nextProbe, now);

    private bool IsPast(ref TimeSpan next, TimeSpan now)
    {
        if (now < next)
            return false;
        next = now + every;
        return true;
    }

    /// <summary>Adopts the measured estimates. Returns false if no worker's pace has clearly changed.</summary>
    public bool Adopt()
    {
        Course[] known = [.. _courses.Values.Where(course => course.Count >= Enough)];
        if (known.Length == 0)
            return false;
        double[] usual = [.. known.Select(course => course.Usual())];
        double reference = Math.Max(usual.Order().ElementAt((usual.Length - 1) / 2), 1e-6);
        bool changed = false;
        for (int i = 0; i < known.Length; i++)
            changed |= known[i].Follow(Math.Max(usual[i] / reference, 1e-3));

        return changed;
    }

    /// <summary>Forgets workers that are gone.</summary>
    public void Keep(Func<WorkerId, bool> isThere)
    {
        foreach (WorkerId gone in _courses.Keys.Where(worker => !isThere(worker)).ToList())
            _courses.Remove(gone);
    }

    private sealed class Course
    {
        // Consecutive samples that differ from the adopted value in the same direction, and the one of them nearest to it.
        private int _inARow;
        private double _nearest;

        public long FromStep { get; set; }

        public int Shards { get; set; }

        public int Rounds { get; set; }

        public long DisturbedStep { get; set; } = -1;

        public long Step { get; set; } = -1;

        public int Seen { get; set; }

        public TimeSpan Longest { get; set; }

        public TimeSpan NextSample { get; set; }

        public double[] Samples { get; } = new double[Remembered];

        public int Count { get; set; }

        public double Slowness { get; set; } = 1;

        /// <summary>
        /// Adopts a value that has differed in the same direction for several samples, so that a moment of load on the machine is not taken
        /// for a slow one.
        /// </summary>
        public bool Follow(double slowness)
        {
            double ratio = slowness / Slowness;
            if (ratio is < Noticeable and > 1 / Noticeable)
            {
                _inARow = 0;
                return false;
            }

            bool isSameWay = _inARow > 0 && (_nearest > Slowness) == (slowness > Slowness);
            _nearest = !isSameWay ? slowness : slowness > Slowness ? Math.Min(_nearest, slowness) : Math.Max(_nearest, slowness);
            _inARow = isSameWay ? _inARow + 1 : 1;
            if (_inARow < InARow)
                return false;
            (Slowness, _inARow) = (_nearest, 0);
            return true;
        }

        public double Usual()
        {
            double[] sorted = [.. Samples.Take(Math.Min(Count, Remembered)).Order()];
            return sorted[sorted.Length / 2];
        }
    }
}
