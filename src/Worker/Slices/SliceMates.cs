using System.Globalization;
using System.Net;
using Lockstep.Shared.Streaming;

namespace Lockstep.Worker.Slices;

/// <summary>
/// A worker's connections to the others with which it exchanges slices. Connects to the workers of a new plan, tells each that it has the
/// plan, and tells the coordinator when it has heard the same from all, or that one cannot be reached. Thread-safe.
/// </summary>
/// <param name="origin">The run and term.</param>
/// <param name="network">Makes the connections.</param>
/// <param name="exchange">What takes the slices.</param>
/// <param name="tell">Tells the coordinator: number of the plan, number and problem of a worker that cannot be reached, or null.</param>
internal sealed class SliceMates(
    FrameOrigin origin, IMateNetwork network, SliceExchange exchange, Action<int, (int Worker, string Problem)?> tell) : IDisposable
{
    // Another worker may get a plan, and the token in it, later. The pauses double: ten seconds in all.
    private const int MostRefusals = 9;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly StreamTokens _tokens = new();
    private readonly Dictionary<int, MateLink> _links = [];
    private readonly HashSet<int> _dialing = [];
    private readonly Dictionary<int, int> _refusals = [];
    private SliceOffer? _offer;
    private IReadOnlyList<int> _mates = [];
    private bool _isTold, _isOver;

    /// <summary>Begins to accept other workers. Returns where.</summary>
    public IPEndPoint Listen() => network.Listen(origin.Run, _tokens, OnAccepted);

    /// <summary>Connects to the workers of a plan, as far as that is needed.</summary>
    /// <param name="offer">The plan.</param>
    /// <param name="mates">Numbers of the workers that this one exchanges slices with.</param>
    public void Connect(SliceOffer offer, IReadOnlyList<int> mates)
    {
        int self = offer.Workers[offer.Place].Number;
        var absent = new List<SliceWorker>();
        lock (_lock)
        {
            // Those of the plan before are needed until this one is used.
            foreach (int gone in _links.Keys.Where(worker => !mates.Contains(worker) && !_mates.Contains(worker)).ToList())
                Remove(gone);
            (_offer, _mates, _isTold) = (offer, mates, false);
            _refusals.Clear();
            foreach (SliceWorker mate in offer.Workers.Where(worker => mates.Contains(worker.Number)))
            {
                // Who connects is who gets the plan later, as a rule.
                if (self < mate.Number)
                    _tokens.Add(Id(mate.Number), mate.Token.Span);
                if (_links.TryGetValue(mate.Number, out MateLink? link))
                    link.PostPlan(offer.Number);
                else if (self > mate.Number && _dialing.Add(mate.Number))
                    absent.Add(mate);
            }
        }

        foreach (SliceWorker mate in absent)
            Dial(mate, self, TimeSpan.Zero);
        Confirm();
    }

    /// <summary>Posts a slice to a worker. Drops it if there is no connection.</summary>
    public void Post(int worker, SliceSend send)
    {
        MateLink? link;
        lock (_lock)
            link = _links.GetValueOrDefault(worker);
        if (link is null)
            send.Source.Release();
        else
            link.Post(send);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            foreach (int worker in _links.Keys.ToList())
                Remove(worker);
        }

        network.Dispose();
    }

    private static string Id(int worker) => worker.ToString(CultureInfo.InvariantCulture);

    private void Dial(SliceWorker mate, int self, TimeSpan after) => network.Dial(
        mate.Address, origin.Run, mate.Token, Id(self), after, stream => Add(mate.Number, stream),
        problem => OnFailed(mate.Number, problem));

    private void OnAccepted(FrameStream stream, string worker) => Add(int.Parse(worker, CultureInfo.InvariantCulture), stream);

    private void Add(int worker, FrameStream stream)
    {
        var link = new MateLink(worker, stream, origin, exchange, OnChanged);
        lock (_lock)
        {
            _dialing.Remove(worker);
            if (_isOver || !_mates.Contains(worker))
            {
                link.Dispose();
                return;
            }

            Remove(worker);
            _links.Add(worker, link);
            link.PostPlan(_offer!.Number);
        }

        network.Start(link);
    }

    private void OnFailed(int worker, string problem)
    {
        int plan;
        lock (_lock)
        {
            _dialing.Remove(worker);
            plan = _offer!.Number;
        }

        Tell(plan, (worker, problem));
    }

    private void Remove(int worker)
    {
        if (_links.Remove(worker, out MateLink? link))
            link.Dispose();
    }

    private void OnChanged(MateLink link)
    {
        if (link.Ended is not { } problem)
        {
            Confirm();
            return;
        }

        SliceOffer offer;
        int refusals = 0;
        lock (_lock)
        {
            if (_isOver || _links.GetValueOrDefault(link.Worker) != link)
                return;
            Remove(link.Worker);
            offer = _offer!;
            if (link.IsRefused && _mates.Contains(link.Worker))
                refusals = _refusals[link.Worker] = _refusals.GetValueOrDefault(link.Worker) + 1;
            if (refusals is > 0 and <= MostRefusals)
                _dialing.Add(link.Worker);
        }

        if (refusals is > 0 and <= MostRefusals)
            Dial(
                offer.Workers.First(mate => mate.Number == link.Worker), offer.Workers[offer.Place].Number,
                FirstPause * Math.Pow(2, refusals - 1));
        else
            Tell(offer.Number, (link.Worker, problem));
    }

    /// <summary>Tells the coordinator, once, that all workers of the newest plan have it.</summary>
    private void Confirm()
    {
        int plan;
        lock (_lock)
        {
            if (_isTold || _isOver)
                return;
            plan = _offer!.Number;
            if (!_mates.All(mate => _links.TryGetValue(mate, out MateLink? link) && link.Plan >= plan))
                return;
            _isTold = true;
        }

        Tell(plan, null);
    }

    private void Tell(int plan, (int, string)? unreachable)
    {
        try
        {
            tell(plan, unreachable);
        }
        catch (StreamException)
        {
            // The session is ending anyway.
        }
    }
}
