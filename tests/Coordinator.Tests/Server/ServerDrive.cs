using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Files;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;

namespace Lockstep.Coordinator.Tests.Server;

/// <summary>
/// A parameter server without an actor, with one worker link that nobody sends by. Evaluator and checkpointer are the real ones, and handle
/// a message when they are told to.
/// </summary>
internal sealed class ServerDrive : IDisposable
{
    private readonly RecordingMailbox _self = new(), _toEvaluator = new(), _toCheckpointer = new(), _toCoordinator = new();
    private readonly MemoryPair _streams = new();
    private readonly GradientPool _gradients;
    private readonly RunState _state;
    private readonly RunMeter _meter;
    private readonly Evaluator _evaluator;
    private readonly Checkpointer _checkpointer;
    private readonly WorkerLink _link;

    public ServerDrive(TrainingOptions options)
    {
        _state = new RunState(options, run: 77, term: 1);
        _meter = new RunMeter(_state, options.Spec.TotalSteps);
        _gradients = new GradientPool(_state.Layout.TrainableLength);
        _evaluator = new Evaluator(options, _state.Layout, _toCoordinator);
        _checkpointer = new Checkpointer(
            options, _state, _meter, CheckpointerFiles.Of(options, Disk.OfThisMachine), TimeProvider.System, _toCoordinator);
        Server = new ParameterServer(
            options, _state, _meter, _gradients, Time,
            new ParameterServerMailboxes(_self, _toCoordinator, _toEvaluator, _toCheckpointer));
        var images = new Lazy<TrainingData>(() => TrainingData.Of(options.Data, options.Spec.Data.TrainingExamples));
        var context = new LinkContext(
            options.Spec, _state, images, new Lazy<SharedExamples?>(() => null), _gradients, _toCoordinator, _self, new ManualTime());
        _link = new WorkerLink(new WorkerId(1), _streams.Near, context, default);
        Server.Start();
        ChangeWorkers(isLeaving: false);
    }

    public ParameterServer Server { get; }

    /// <summary>The server's clock.</summary>
    public ManualTime Time { get; } = new();

    /// <summary>Most versions of the weights that were held after any message.</summary>
    public int MostHeld { get; private set; }

    /// <summary>What the coordinator was told.</summary>
    public List<object> Told { get; } = [];

    public IEnumerable<MetricsRow> Rows => Told.OfType<MetricsReady>().Select(ready => ready.Metrics);

    public string WeightsSha256 => WeightsDigest.Sha256(_state.Layout, Server.Weights);

    /// <summary>The worker answers with the gradient of a step, which follows from its number.</summary>
    /// <param name="step">The step.</param>
    /// <param name="wrong">What it has in one place, and of what size its loss is, if given.</param>
    /// <returns>Whether that completed the step.</returns>
    public bool Answer(long step, (float Gradient, double Loss)? wrong = null)
    {
        long before = Server.Step;
        NodeGradient gradient = _gradients.Rent();
        for (int i = 0; i < gradient.Buffer.Length; i++)
            gradient.Buffer.Span[i] = (step + 1) * (i % 3 - 1) * 0.01f;
        gradient.Buffer.Span[20] = wrong?.Gradient ?? gradient.Buffer.Span[20];
        gradient.Statistics = new NodeStatistics(wrong?.Loss ?? 1.0 / (step + 1), (int)(step % 2), 1);
        Receive(gradient.Arrived.With(_link, step, new TreeNode(0, 0), computeMicroseconds: 5));
        return Server.Step > before;
    }

    /// <summary>The one worker is there, and leaves or not.</summary>
    public void ChangeWorkers(bool isLeaving) => Receive(new ChangeWorkers(
        [new StepWorker(_link.Worker, Lanes: 1, isLeaving)], new Dictionary<WorkerId, WorkerLink> { [_link.Worker] = _link }));

    public void Receive(object message)
    {
        Server.Receive(message);
        MostHeld = Math.Max(MostHeld, Server.WeightsHeld);
        Hear();
    }

    /// <summary>Sends what is posted to the worker, and gives the kinds of the frames.</summary>
    public IReadOnlyList<FrameKind> SendToWorker()
    {
        _streams.Far.Limits = StreamLimits.For(_state.Layout);
        _link.SendNext();
        var kinds = new List<FrameKind>();
        while (_streams.FarHasBytes)
        {
            FrameHeader header = _streams.Far.ReceiveHeader();
            _streams.Far.SkipPayload(header);
            kinds.Add(header.Kind);
        }

        return kinds;
    }

    /// <summary>The evaluator handles its next message. False for none.</summary>
    public bool Evaluate() => Handle(_toEvaluator, _evaluator.Receive);

    /// <summary>The checkpointer handles its next message. False for none.</summary>
    public bool Save() => Handle(_toCheckpointer, _checkpointer.Receive);

    /// <summary>Trains as far as the server goes by itself.</summary>
    public void AnswerAll()
    {
        while (!Server.IsOver && Answer(Server.Step))
        {
        }
    }

    /// <summary>Trains to the end, with evaluator and checkpointer as slow as can be.</summary>
    public void Train()
    {
        do
            AnswerAll();
        while (Evaluate() || Save());
    }

    public void Dispose()
    {
        Server.Stop();
        _checkpointer.Stop();
        _link.Dispose();
        _streams.Dispose();
        _meter.Dispose();
    }

    private void Hear()
    {
        while (_toCoordinator.Take() is { } told)
            Told.Add(told);
    }

    private bool Handle(RecordingMailbox mailbox, Action<object> receive)
    {
        if (mailbox.Take() is not { } message)
            return false;
        receive(message);
        Hear();
        while (_self.Take() is { } answer)
            Receive(answer);
        return true;
    }
}
