namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// How fast the workers are, from the times that they took for their nodes. What is adopted changes only where a worker's usual time has
/// clearly become another one, so that equal workers are equal, whatever a single step took.
/// </summary>
/// <param name="every">How often it is decided anew.</param>
/// <param name="between">Least time between two steps of a worker that are looked at, so that a moment is not taken for a habit.</param>
internal sealed class Pace(TimeSpan every, TimeSpan between)
{
    private const int Remembered = 16, Enough = 5, InARow = 3;
    private const double Noticeable = 1.3;

    private readonly Dictionary<WorkerId, Course> _courses = [];
    private TimeSpan _nextDecision, _nextProbe;

    /// <summary>As a run uses it.</summary>
    public Pace()
        : this(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50))
    {
    }

    /// <summary>Time that a shard takes on a lane of this worker, where 1 is usual.</summary>
    public double SlownessOf(WorkerId worker) => _courses.TryGetValue(worker, out Course? course) ? course.Slowness : 1;

    /// <summary>From this step on, a worker is asked for so many shards.</summary>
    public void Ask(in RosterWorker worker, long step, int shards)
    {
        if (!_courses.TryGetValue(worker.Worker, out Course? course))
            _courses.Add(worker.Worker, course = new Course());
        (course.FromStep, course.Shards, course.Rounds) = (step, shards, worker.RoundsOf(shards));
    }

    /// <summary>In this step a worker is asked for more: it says nothing of its pace.</summary>
    public void Disturb(WorkerId worker, long step)
    {
        if (_courses.TryGetValue(worker, out Course? course))
            course.DisturbedStep = step;
    }

    /// <summary>A node came, in time or not.</summary>
    /// <param name="worker">Who computed it.</param>
    /// <param name="step">With the weights of which step.</param>
    /// <param name="shards">Its width.</param>
    /// <param name="time">From having the weights to having the node.</param>
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

    /// <summary>Whether it is time to decide anew.</summary>
    public bool IsDue(TimeSpan now) => IsPast(ref _nextDecision, now);

    /// <summary>Whether it is time to ask workers that stand by for something.</summary>
    public bool IsProbeDue(TimeSpan now) => IsPast(ref _nextProbe, now);

    private bool IsPast(ref TimeSpan next, TimeSpan now)
    {
        if (now < next)
            return false;
        next = now + every;
        return true;
    }

    /// <summary>Adopts what has been measured. False when nobody's pace has clearly changed.</summary>
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

    /// <summary>These are the workers there are.</summary>
    public void Keep(Func<WorkerId, bool> isThere)
    {
        foreach (WorkerId gone in _courses.Keys.Where(worker => !isThere(worker)).ToList())
            _courses.Remove(gone);
    }

    private sealed class Course
    {
        // What was measured each time of late, always to the same side of what is adopted: how often, and the nearest of it.
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

        /// <summary>Adopts a pace that has differed in the same way each time for a while: a busy machine is not a slow one.</summary>
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
