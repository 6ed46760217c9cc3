using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Tracing;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Memory;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Coordinator.Tests.Saving;

public sealed class CheckpointerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-checkpointer-tests-");
    private readonly RecordingMailbox _coordinator = new(), _parameterServer = new();
    private readonly TrainingOptions _options = SmallRun.Options(momentum: 0.9) with { TraceFile = "trace.txt" };
    private readonly RunState _state;
    private readonly RunMeter _meter;
    private readonly WeightsPool _weights;
    private readonly List<string> _rescued = [];

    public CheckpointerTests()
    {
        _state = new RunState(_options, run: 77, term: 1);
        _meter = new RunMeter(_state, totalSteps: 10);
        _weights = new WeightsPool(_state.Layout, new float[_state.Layout.Length]);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void SaveSnapshot_Saved_LetsGoOfItsBuffersAndSaysWhere()
    {
        var velocity = new AlignedBuffer(_state.Layout.Length);
        Save(_folder.FullName, velocity, isFinal: false);
        var saved = Assert.IsType<SnapshotSaved>(_coordinator.Take());
        Assert.Equal((4, false), (CheckpointStore.Load(saved.Path).Checkpoint.Step, saved.IsFinal));
        Assert.Same(velocity, Assert.IsType<SnapshotDone>(_parameterServer.Take()).State);
        Assert.Equal(0, _weights.Held);
    }

    [Theory]
    [InlineData(false, "could not be written")]
    [InlineData(true, "They were saved as")]
    public void SaveSnapshot_FolderIsGone_LetsGoOfItsBuffersAndSavesTheLastOneElsewhere(bool isFinal, string told)
    {
        Save(Path.Combine(_folder.FullName, "gone"), new AlignedBuffer(_state.Layout.Length), isFinal);
        var failed = Assert.IsType<SnapshotFailed>(_coordinator.Take());
        Assert.Contains(told, failed.Reason, StringComparison.Ordinal);
        Assert.Equal(isFinal ? 1 : 0, _rescued.Count);
        Assert.NotNull(Assert.IsType<SnapshotDone>(_parameterServer.Take()).State);
        Assert.Equal(0, _weights.Held);
    }

    [Fact]
    public void BeginTrace_ThatCannotBeOpened_IsToldAndStepsAreGivenBack()
    {
        Checkpointer checkpointer = New(_folder.FullName);
        checkpointer.Receive(new BeginTrace(new TraceStart(0, new Hash128(0, 1), new Hash128(0, 2))));
        Assert.Contains(
            "The run continues without one.", Assert.IsType<TraceTroubled>(_coordinator.Take()).Problem, StringComparison.Ordinal);
        Assert.IsType<TraceBegun>(_coordinator.Take());
        List<TracedStep> batch = [new TracedStep(1, new Hash128(0, 3))];
        checkpointer.Receive(new AppendTrace(batch, _parameterServer));
        Assert.Same(batch, Assert.IsType<TraceBatchFreed>(_parameterServer.Take()).Batch);
    }

    private void Save(string folder, AlignedBuffer? velocity, bool isFinal) =>
        New(folder).Receive(new SaveSnapshot(_weights.Rent(4), velocity, default, isFinal, _parameterServer));

    private Checkpointer New(string folder)
    {
        var files = new CheckpointerFiles(
            new CheckpointStore(folder), (TraceStart _, out string? _) => throw new IOException("no disk"),
            (_, path) => _rescued.Add(path));
        return new Checkpointer(_options, _state, _meter, files, TimeProvider.System, _coordinator);
    }
}
