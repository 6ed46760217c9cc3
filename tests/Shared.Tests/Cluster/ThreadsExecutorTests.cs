using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Lockstep.Shared.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

public sealed class ThreadsExecutorTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private readonly ActorSystem _system = ActorSystem.Create(
        "threads", ConfigurationFactory.ParseString($$"""own { type = Dispatcher, executor = "{{ThreadsExecutor.SettingsName}}" }"""));
    private readonly Channel<(object Message, string? Thread)> _handled = Channel.CreateUnbounded<(object, string?)>();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task Tell_RunsOnTheDispatchersThread()
    {
        IActorRef actor = Start();
        actor.Tell("work");
        Assert.Equal(("work", "own"), await Next());
    }

    [Fact]
    public async Task TellAndRun_IdleActor_RunsOnTheCallersThreadBeforeItReturns()
    {
        IActorRef actor = Start();
        await Settled(actor);
        OnThread("caller", () =>
        {
            ThreadsExecutor.TellAndRun(actor, "work");
            Assert.True(_handled.Reader.TryRead(out (object Message, string? Thread) handled));
            Assert.Equal(("work", "caller"), handled);
        });
        actor.Tell("more");
        Assert.Equal(("more", "own"), await Next());
    }

    [Fact]
    public async Task TellAndRun_WhatTheActorTellsAnother_RunsOnThatOnesThread()
    {
        IActorRef other = Start(), actor = Start();
        await Settled(actor);
        await Settled(other);
        OnThread("caller", () => ThreadsExecutor.TellAndRun(actor, other));
        (object Message, string? Thread)[] handled = [await Next(), await Next()];
        Assert.Contains((other, "caller"), handled);
        Assert.Contains(("passed on", "own"), handled);
    }

    [Fact]
    public async Task TellAndRun_ActorThatRuns_GetsItLater()
    {
        IActorRef actor = Start();
        using var gate = new ManualResetEventSlim();
        actor.Tell(gate);
        OnThread("caller", () => ThreadsExecutor.TellAndRun(actor, "work"));
        Assert.False(_handled.Reader.TryRead(out _));
        gate.Set();
        Assert.Equal((gate, "own"), await Next());
        Assert.Equal(("work", "own"), await Next());
    }

    private IActorRef Start() => _system.ActorOf(Props.Create(() => new Recorder(_handled.Writer)).WithDispatcher("own"));

    /// <summary>Nothing of the actor's start is left to be run.</summary>
    private async Task Settled(IActorRef actor)
    {
        actor.Tell("started");
        await Next();
        // Its dispatcher's one thread runs this after it has let go of the actor.
        IActorRef next = Start();
        next.Tell("settled");
        await Next();
    }

    private async Task<(object Message, string? Thread)> Next() => await _handled.Reader.ReadAsync().AsTask().WaitAsync(Deadline);

    private static void OnThread(string name, Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action)) { Name = name };
        thread.Start();
        Assert.True(thread.Join(Deadline));
        Assert.Null(failure);
    }

    private sealed class Recorder(ChannelWriter<(object, string?)> handled) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is IActorRef other)
                other.Tell("passed on");
            (message as ManualResetEventSlim)?.Wait(Deadline);
            handled.TryWrite((message, Thread.CurrentThread.Name));
        }
    }
}
