namespace Lockstep.Lockstep.Tests.Formats;

/// <summary>A file that a reader must read.</summary>
/// <param name="Name">Its name, by whose extension it is recognised.</param>
/// <param name="Content">Makes it.</param>
/// <param name="Expected">What is in it: a line a value.</param>
internal sealed record FormatFile(string Name, Func<byte[]> Content, string Expected);

/// <summary>A row of <c>docs/formats.md</c>.</summary>
/// <param name="Text">Its first two cells, after each other.</param>
/// <param name="Read">How Lockstep reads such a file: a line a value.</param>
/// <param name="Script">A script of Python that prints the same for the file that is its argument.</param>
/// <param name="Modules">What the script imports that may be missing.</param>
/// <param name="Files">Examples.</param>
internal sealed record FormatCase(string Text, Func<string, string> Read, string Script, string[] Modules, params FormatFile[] Files);
