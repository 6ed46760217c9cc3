namespace Lockstep.Data;

/// <summary>One mirror failed once. The message is a few words.</summary>
internal sealed class MirrorException(string problem, Exception? innerException = null) : Exception(problem, innerException);
