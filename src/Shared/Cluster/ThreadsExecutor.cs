using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Dispatcher threads that sleep until there is work. Akka's own threads spin before they sleep, which takes processor time from compute
/// threads if there are more threads than processors.
/// </summary>
/// <example>
/// <code>
/// my-dispatcher { type = Dispatcher, executor = "Lockstep.Shared.Cluster.ThreadsExecutor, Lockstep.Shared", thread-count = 1 }
/// </code>
/// </example>
public sealed class ThreadsExecutor : ExecutorServiceConfigurator
{
    /// <summary>Its name in a dispatcher's settings.</summary>
    public static string SettingsName => $"{typeof(ThreadsExecutor).FullName}, Lockstep.Shared";

    /// <summary>Called by Akka.</summary>
    public ThreadsExecutor(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
    }

    [ThreadStatic]
    private static bool _runsOnCaller;

    /// <summary>
    /// Sends a message to an actor of such a dispatcher and, if the actor is idle, runs it on the calling thread: the caller has nothing
    /// else to do, and waking another thread takes longer than most messages. The actor may also handle other messages that arrive
    /// meanwhile.
    /// </summary>
    public static void TellAndRun(IActorRef actor, object message)
    {
        ArgumentNullException.ThrowIfNull(actor);
        _runsOnCaller = true;
        actor.Tell(message);
        _runsOnCaller = false;
    }

    /// <inheritdoc/>
    public override ExecutorService Produce(string id) => new Threads(id, Config.GetInt("thread-count", 1));

    private sealed class Threads : ExecutorService
    {
        private readonly Queue<IRunnable> _work = new();
        private bool _shutDown;

        public Threads(string id, int count)
            : base(id)
        {
            for (int i = 0; i < count; i++)
                new Thread(Run) { IsBackground = true, Name = id }.Start();
        }

        public override void Execute(IRunnable run)
        {
            if (_runsOnCaller)
            {
                // Runs one turn only; continuations and later messages go to the dispatchers' own threads.
                _runsOnCaller = false;
                run.Run();
                return;
            }

            lock (_work)
            {
                _work.Enqueue(run);
                Monitor.Pulse(_work);
            }
        }

        public override void Shutdown()
        {
            lock (_work)
            {
                _shutDown = true;
                Monitor.PulseAll(_work);
            }
        }

        private void Run()
        {
            while (Next() is { } run)
                run.Run();
        }

        /// <summary>The next work item. Drains the queue before the threads end.</summary>
        private IRunnable? Next()
        {
            lock (_work)
            {
                while (_work.Count == 0 && !_shutDown)
                    Monitor.Wait(_work);
                return _work.TryDequeue(out IRunnable? run) ? run : null;
            }
        }
    }
}
