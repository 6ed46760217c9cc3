using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Lockstep.Shared.Tests;

/// <summary>Keeps every line that is logged.</summary>
internal sealed class RecordingLogger : ILogger, ILoggerFactory
{
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Called after each line, on the thread that logs.</summary>
    public Action<string>? OnLine { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = $"{logLevel} {formatter(state, exception)} {exception?.Message}";
        Lines.Enqueue(line);
        OnLine?.Invoke(line);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
