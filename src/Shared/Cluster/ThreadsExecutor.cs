using Akka.Configuration;
using Akka.Dispatch;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Threads of a dispatcher's own that sleep until there is something to do. Akka's own spin for a while before they sleep, which takes the
/// processor from those that compute, where there are more threads than processors.
/// </summary>
/// <example>
/// <code>
/// my-dispatcher { type = Dispatcher, executor = "Lockstep.Shared.Cluster.ThreadsExecutor, Lockstep.Shared", thread-count = 1 }
/// </code>
/// </example>
public sealed class ThreadsExecutor : ExecutorServiceConfigurator
{
    /// <summary>Its name in the settings of a dispatcher.</summary>
    public static string SettingsName => $"{typeof(ThreadsExecutor).FullName}, Lockstep.Shared";

    /// <summary>Called by Akka.</summary>
    public ThreadsExecutor(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
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

        /// <summary>What is still there is done before the threads end.</summary>
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
