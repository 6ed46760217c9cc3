using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lockstep.Wording;

namespace Lockstep.Cli.Hosting;

/// <summary>Limits that Linux sets to a process: whether they leave room for a command, and which one an error is due to.</summary>
internal static partial class ResourceLimits
{
    // As measured on the published program, and some more: half of them are its own libraries. A training has 6 more a worker.
    private const long FilesOfStart = 64, FilesOfCommand = 128, FilesOfTraining = 176, FilesOfWorker = 176, FilesPerWorker = 8;
    private const long ThreadsOfCommand = 12, ThreadsOfTraining = 24, ThreadsPerWorker = 3, ThreadsOfWorker = 22;
    private const long BytesOfTraining = 2_500_000_000;

    // Below that, an error that may be due to it is.
    private const long FewFiles = 1024;
    private const int Processes = 6, OpenFiles = 7, AddressSpace = 9;
    private const int TryAgain = 11, OutOfMemory = 12, TooManyFiles = 24;

    /// <summary>
    /// Whether the rest of the program could not even be loaded. It asks for nothing that is not loaded already.
    /// </summary>
    public static string? FindTooFewFiles() =>
        Read(OpenFiles) is { } limit && limit < FilesOfStart ? TooFewFiles(limit, "it", FilesOfStart) : null;

    /// <summary>Where the address space is limited, keeps the C library from reserving 64 MB of it for every other thread.</summary>
    public static void SaveAddressSpace()
    {
        if (Read(AddressSpace) is null)
            return;
        try
        {
            const int mostArenas = -8;
            _ = SetMemoryOption(mostArenas, 2);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which reserves none.
        }
    }

    /// <summary>Finds out whether a command would come to an end that names no reason.</summary>
    /// <exception cref="RequestException">It would.</exception>
    public static void Check(ResourceNeeds needs)
    {
        (int workers, int processes, int lanes) = (needs.Workers, needs.Processes, needs.Lanes ?? 1);
        bool trains = workers > 0 || processes > 0;
        string what = workers == 0 ? "this command" : $"a training with {Format.Plural(workers, "worker")}";
        var problems = new Problems();
        long files = workers > 0 ? FilesOfTraining + FilesPerWorker * workers : trains ? FilesOfWorker : FilesOfCommand;
        if (Read(OpenFiles) is { } fileLimit && fileLimit < files)
            problems.Add(TooFewFiles(fileLimit, what, files));
        long threads = (workers > 0
            ? ThreadsOfTraining + ThreadsPerWorker * workers
            : ThreadsOfCommand) + processes * (ThreadsOfWorker + lanes);
        if (FreeProcesses() is { } free && free.Left < threads)
            problems.Add(TooFewProcesses(free.Limit, free.Used, $"{what} needs about {threads}"));
        if (trains && Read(AddressSpace) is { } space && space < BytesOfTraining)
            problems.Add(TooLittleSpace(space, $"{what} needs at least {Megabytes(BytesOfTraining)}"));
        problems.ThrowIfAny();
    }

    /// <summary>Names the limit that an error is due to, as a paragraph; null if it is due to none.</summary>
    public static string? Explain(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            int code = e is Win32Exception native ? native.NativeErrorCode : e is IOException ? e.HResult : 0;
            bool isMemory = e is OutOfMemoryException || code == OutOfMemory;
            if ((code == TooManyFiles || e is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } || IsNotLoaded(e))
                && Read(OpenFiles) is { } files && (code == TooManyFiles || files < FewFiles))
                return TooFewFiles(files, "what it does", needed: null);
            if ((code == TryAgain && e is Win32Exception || isMemory) && FreeProcesses() is { } free && free.Left < ThreadsOfWorker)
                return TooFewProcesses(free.Limit, free.Used, "that is not enough");
            if ((isMemory || IsNotLoaded(e)) && Read(AddressSpace) is { } space)
                return TooLittleSpace(space, "that is not enough");
        }

        return null;
    }

    private static string TooFewFiles(long limit, string what, long? needed) =>
        $"This process may have {limit} files open (ulimit -n), and {what} needs {(needed is null ? "more" : $"{needed}")}. "
        + $"Raise the hard limit: 'ulimit -n {FewFiles}' as root, LimitNOFILE={FewFiles} in a unit of systemd, --ulimit "
        + $"nofile={FewFiles} for a container.";

    private static string TooFewProcesses(long limit, long used, string what) =>
        $"User {EffectiveUser()} may have {limit} processes and threads (ulimit -u), and has {used} of them; {what}. "
        + "Raise the limit: 'ulimit -u unlimited' as root, LimitNPROC=infinity in a unit of systemd, --ulimit nproc=-1 for a container.";

    private static string TooLittleSpace(long limit, string what) =>
        $"This process may have {Megabytes(limit)} of address space (ulimit -v), and {what}. "
        + "Raise the limit: 'ulimit -v unlimited' where the hard limit (ulimit -Hv) lets you, LimitAS=infinity in a unit of systemd.";

    private static string Megabytes(long bytes) => $"{bytes / 1_000_000} MB";

    // The system tells the loader of assemblies why a file could not be opened; it says that there is none.
    private static bool IsNotLoaded(Exception e) => e switch
    {
        FileNotFoundException { FileName: { } name } => File.Exists(Path.Combine(AppContext.BaseDirectory, $"{name.Split(',')[0]}.dll")),
        FileLoadException or BadImageFormatException or TypeInitializationException or DllNotFoundException => true,
        _ => false,
    };

    /// <summary>Processes and threads that the user has and may have; null where there is no limit, as for root.</summary>
    private static (long Limit, long Used, long Left)? FreeProcesses()
    {
        if (Read(Processes) is not { } limit || EffectiveUser() == 0)
            return null;
        string user = EffectiveUser().ToString(CultureInfo.InvariantCulture);
        long used = 0;
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc").Where(
                folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
                used += CountThreads(Path.Combine(folder, "status"), user);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return (limit, used, limit - used);
    }

    private static long CountThreads(string status, string user)
    {
        try
        {
            string[] lines = File.ReadAllLines(status);
            bool isOfUser = lines.FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t')[1] == user;
            return isOfUser && lines.FirstOrDefault(line => line.StartsWith("Threads:", StringComparison.Ordinal)) is { } threads
                ? long.Parse(threads.AsSpan("Threads:".Length), CultureInfo.InvariantCulture)
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // It has ended.
        }
    }

    /// <summary>A limit as it is in force; null for none.</summary>
    private static long? Read(int resource) =>
        OperatingSystem.IsLinux() && GetLimit(resource, out Limit limit) == 0 && limit.Soft < long.MaxValue ? (long)limit.Soft : null;

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft, Hard;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMemoryOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
